import { createInterface } from 'node:readline';
import type { Snapshot } from '../../protocol/control/messages.ts';
import { verbs } from '../keys/verbs.ts';
import { planRows } from '../rows/plan.ts';
import type { LinkOptions } from '../session/link.ts';
import { Session } from '../session.ts';
import type { State } from '../state/state.ts';
import { changesBetween } from './changes.ts';
import { plainReport } from './report.ts';

export type TalkOptions = LinkOptions & {
  readonly ascii: boolean;
  readonly columns: number;
  readonly say: (text: string) => void;
};

/** The console in words: lines are only ever added, and commands are typed as words. */
export const talk = async (options: TalkOptions): Promise<number> => {
  const session = new Session(options);
  let code = 0;
  const interrupt = (): void => {
    code = 130;
    session.quit();
  };
  // Before the first word: whoever has read it may interrupt.
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  try {
    await session.open();
    const told = new Telling(session.state(), options);
    const unsubscribe = session.subscribe(() => told.tell(session.state()));
    const lines = createInterface({ input: process.stdin });
    lines.on('line', (line) => told.answer(line.trim(), session));
    // Without anybody to type it goes on to tell.
    await session.ended;
    unsubscribe();
    lines.close();
    process.stdin.unref();
    return code;
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
};

const words = [
  ...verbs.map(({ usage, help }) => `${usage}: ${help}`),
  'status: how every service is, and all advice',
  'accept: the plan of the first advice',
];

class Telling {
  readonly #options: TalkOptions;
  #last: State;

  constructor(first: State, options: TalkOptions) {
    this.#options = options;
    this.#last = first;
    if (first.snapshot !== undefined) this.#report(first.snapshot);
    options.say('type help for the commands\n');
  }

  /** What is new in the state. */
  tell(state: State): void {
    const last = this.#last;
    this.#last = state;
    if (
      last.snapshot !== undefined &&
      state.snapshot !== undefined &&
      last.snapshot !== state.snapshot
    ) {
      this.#lines(changesBetween(last.snapshot, state.snapshot));
    }
    if (state.connection !== last.connection) this.#lines([connections[state.connection]]);
    if (state.notice !== '' && state.notice !== last.notice) this.#lines([state.notice]);
    const { prompt } = state;
    if (prompt?.purpose === 'confirm' && last.prompt?.purpose !== 'confirm') {
      this.#lines([prompt.question]);
    }
    if (state.dialog.type === 'plan' && last.dialog.type !== 'plan') this.#plan(state);
  }

  /** One typed line: the answer to a plan, or a command. */
  answer(line: string, session: Session): void {
    const { dialog, snapshot, prompt } = session.state();
    if (prompt?.purpose === 'confirm') {
      session.paste(line);
      session.key('enter');
    } else if (dialog.type === 'plan') session.key(line === 'yes' ? 'y' : 'escape');
    else if (line === 'help') this.#lines(words);
    else if (line === 'status' && snapshot !== undefined) this.#report(snapshot);
    else if (line === 'accept') session.key('a');
    else if (line !== '') {
      session.key(':');
      session.paste(line);
      session.key('enter');
    }
  }

  #report(snapshot: Snapshot): void {
    const { columns, ascii, say } = this.#options;
    say(`${plainReport(snapshot, { width: columns, ascii })}\n`);
  }

  #plan({ dialog, snapshot }: State): void {
    if (dialog.type !== 'plan' || snapshot === undefined) return;
    const { columns, ascii } = this.#options;
    const theme = { ascii, color: false };
    const frame = { width: Math.max(80, columns), theme, rows: 100, foot: [] };
    this.#lines(planRows(snapshot, { ...frame, items: dialog.items, apply: false }).slice(0, -2));
    const how =
      dialog.isDry === true
        ? 'type anything to close it'
        : 'type yes to apply it, anything else to cancel';
    this.#lines([how]);
  }

  #lines(lines: readonly string[]): void {
    for (const line of lines) this.#options.say(`${line.trimEnd()}\n`);
  }
}

const connections = {
  live: 'the supervisor answers again',
  late: 'the supervisor is silent; the figures are old',
  lost: 'no supervisor answers, trying again',
} as const;
