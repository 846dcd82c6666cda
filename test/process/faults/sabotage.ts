/** One way to break the program, and the row of the table that must notice. */
export type Sabotage = {
  readonly what: string;
  /** Below src/. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly caughtBy: readonly string[];
};

/** A gate that has never failed proves nothing: each of these builds must fail at its rows. */
export const sabotages: readonly Sabotage[] = [
  {
    what: 'a worker that drains does not wait for what is in flight',
    file: 'sdk/worker/worker.ts',
    from: 'await Promise.all([this.#rpc.drained(), this.#rawRoutes.drained(), this.#edge?.left()]);',
    to: 'process.exit(0);',
    caughtBy: ['L1', 'L3', 'L5'],
  },
  {
    what: 'a reload ends the old workers at once',
    file: 'supervisor/release/releases.ts',
    from: 'worker.setStandby(true);',
    to: 'worker.kill();',
    caughtBy: ['L2'],
  },
  {
    what: 'nothing is tried again',
    file: 'sdk/rpc/calling/tries.ts',
    from: 'const mostRepeats = 2;',
    to: 'const mostRepeats = 0;',
    caughtBy: ['A1', 'A2', 'A3', 'A3b', 'A4', 'A5', 'A6', 'A6b', 'A6c', 'A16'],
  },
  {
    what: 'nobody starts the next supervisor',
    file: 'sdk/channel/successor.ts',
    from: '  else launch(succession, { runDir, held });',
    to: '  else rmSync(lock, { force: true });',
    caughtBy: ['B1', 'B2', 'B7', 'B9', 'B11b'],
  },
  {
    what: 'the next supervisor takes over nobody',
    file: 'supervisor/succession/notes.ts',
    from: '.flatMap((name) => readNote(join(runDir, name)) ?? []);',
    to: '.flatMap((name) => readNote(join(runDir, name)) ?? []).slice(0, 0);',
    caughtBy: ['B1', 'B14'],
  },
  {
    what: 'a blocked worker is not replaced',
    file: 'supervisor/care/liveness.ts',
    from: 'if (blocked.forMs < this.#replaceAfterMs(worker)) return;',
    to: 'if (blocked.forMs < this.#replaceAfterMs(worker) * 100) return;',
    caughtBy: ['A7', 'A18'],
  },
  {
    what: 'what a worker started is left',
    file: 'supervisor/process/launch.ts',
    from: 'await (await containment).end();',
    to: 'await containment;',
    caughtBy: ['A15'],
  },
  {
    what: 'a pid alone names a process',
    file: 'sdk/channel/process-start.ts',
    from: "typeof started === 'string' && processStart(pid) === started;",
    to: "typeof started === 'string' && processStart(pid) !== undefined;",
    caughtBy: ['B9'],
  },
  {
    what: 'a lack of descriptors is an error like any other',
    file: 'sdk/channel/descriptors.ts',
    from: "return code === 'EMFILE' || code === 'ENFILE';",
    to: "return code === '';",
    caughtBy: ['B11'],
  },
  {
    what: 'nobody looks at open files',
    file: 'supervisor/care/care.ts',
    from: 'this.#files.sampled(worker);',
    to: '',
    caughtBy: ['A10', 'A10b'],
  },
  {
    what: 'memory has no line',
    file: 'supervisor/care/memory-line.ts',
    from: 'const softLine = 0.9;',
    to: 'const softLine = 9;',
    caughtBy: ['A9'],
  },
  {
    what: 'a new build is live before it is ready',
    file: 'sdk/worker/health-probe.ts',
    from: "return status === 'down' ? (detail ?? 'it says that it is down') : undefined;",
    to: "return status === 'down' && detail === '' ? detail : undefined;",
    caughtBy: ['A11'],
  },
  {
    what: 'a request that nobody can take now is not held',
    file: 'sdk/rpc/calling/tries.ts',
    from: 'while (await this.#waiting.wait(until)) {',
    to: 'while (until === 0) {',
    caughtBy: ['A2'],
  },
  {
    what: 'who is late for a moment does not answer',
    file: 'sdk/worker/watchdog-thread.ts',
    from: 'now - since >= blockedAfterMs',
    to: 'now - since >= 100',
    caughtBy: ['A8'],
  },
  {
    what: 'each look at the health of a service is believed',
    file: 'sdk/worker/health-probe.ts',
    from: 'const agreeing = 2;',
    to: 'const agreeing = 1;',
    caughtBy: ['A12'],
  },
  {
    what: 'a config may have any keys',
    file: 'supervisor/config/parse/config-place.ts',
    from: 'if (unknown === undefined) return;',
    to: 'return;',
    caughtBy: ['B13'],
  },
  {
    what: 'a client that has gone keeps its place',
    file: 'supervisor/control/server.ts',
    from: 'createServer((socket) => {',
    to: 'createServer({ allowHalfOpen: true }, (socket) => {',
    caughtBy: ['C1'],
  },
];
