/** Server-sent events: a stream that may end between any two events, and is then opened again. */
export const isEventStream = (contentType: unknown): boolean =>
  String(contentType).toLowerCase().startsWith('text/event-stream');
