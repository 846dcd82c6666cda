const segment = '[^.*\\s]+';
/** Segments with dots between; `*` is any one of them, and `**` at the end all that follow. */
const pattern = new RegExp(`^(?:${segment}|\\*)(?:\\.(?:${segment}|\\*))*(?:\\.\\*\\*)?$|^\\*\\*$`);
const mostChars = 256;

export const isEventPattern = (text: string): boolean =>
  text.length <= mostChars && pattern.test(text);

/** What can be emitted: whoever wants this one and no other can subscribe to it. */
export const isEventName = (text: unknown): text is string =>
  typeof text === 'string' && isEventPattern(text) && !text.includes('*');

/** Whether an event is one of those that a pattern names: `user.*` is `user.created`, not `user`. */
export const matchesEvent = (subscribed: string, event: string): boolean => {
  if (!subscribed.includes('*')) return subscribed === event;
  const wanted = subscribed.split('.');
  const segments = event.split('.');
  const isOpen = wanted.at(-1) === '**';
  if (isOpen) wanted.pop();
  if (isOpen ? segments.length <= wanted.length : segments.length !== wanted.length) return false;
  return wanted.every((each, index) => each === '*' || each === segments[index]);
};
