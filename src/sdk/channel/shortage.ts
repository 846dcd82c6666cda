/** Of the processes of a system, its memory, and the open files of this process and of all. */
const shortages: readonly unknown[] = ['EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE'];

/** What the system denies now and may grant in a moment; nobody here is to blame for it. */
export const isShortage = (error: unknown): boolean =>
  shortages.includes((error as NodeJS.ErrnoException).code);
