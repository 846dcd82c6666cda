/** Of the calls made through `this.users.with(options)`. */
export type CallOptions = {
  /** How long to wait: milliseconds, or a text such as `'2s'`. Never longer than who waits for the caller. */
  readonly timeout?: number | string;
  /** How often at most it is tried again when it surely did not run, or may run twice; 2 by default. */
  readonly retries?: number;
  /** Calls with the same key go to the same instance, as long as it is there. */
  readonly key?: string;
  /** `all`: every worker is asked, and each answer says which one gave it. */
  readonly workers?: 'one' | 'all';
  /** Go along to who answers, and no further: `ctx.request.headers` there. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends the call when it is aborted: the callee is told, and the caller gets `CANCELLED`. */
  readonly signal?: AbortSignal;
};
