export type Exit = {
  /** What kept it from starting, when it is a text. */
  readonly code?: number | string;
  readonly signal?: string;
  readonly output: string;
};

/** A sentence's worth of why a process ended: how, and what it said last. */
export const exitReason = (exit: Exit): string => {
  const how = exit.signal === undefined ? `exit code ${exit.code ?? 'unknown'}` : exit.signal;
  if (exit.output.includes('JavaScript heap out of memory')) return `out of memory (${how})`;
  const said = exit.code === 0 ? undefined : lastWords(exit.output);
  return said === undefined ? how : `${how}: ${said}`;
};

/** The error that Node printed, which stands above its stack; else the last line. */
const lastWords = (output: string): string | undefined => {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const error = lines.findLast((line) => /^(?:Uncaught )?\w*(?:Error|Exception)\b.*:/.test(line));
  const words = error ?? lines.findLast((line) => !/^(?:Node\.js v|\s+at |[{}])/.test(line));
  return words?.trim().slice(0, 300);
};
