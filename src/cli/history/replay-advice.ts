import type { AdvisorInput } from '../../advisor/replay/input.ts';
import { decodeInput } from '../../advisor/replay/input.ts';
import { type Case, Replay } from '../../advisor/replay/replay.ts';
import { refused } from '../../protocol/errors.ts';
import { type Io, printJson } from '../io.ts';
import type { Target } from '../target.ts';
import { readHistoryFile } from './history-file.ts';
import { inputsOf, openHistory } from './history-source.ts';

type Options = Target & {
  readonly json?: boolean;
  readonly since?: number;
  readonly replay?: string;
};

type Replayed = {
  readonly app: string;
  readonly from: number;
  readonly to: number;
  /** Of the period, so many were recorded. */
  readonly seconds: number;
  readonly cases: readonly Case[];
};

/** Has the advisor of this version decide again on what was recorded, and prints what it says. */
export const printReplayed = async (io: Io, options: Options): Promise<void> => {
  const { replay: file, since } = options;
  if (file !== undefined && since !== undefined) {
    throw refused('A file has a beginning of its own', 'Leave out --since, or --replay.');
  }
  const found = file === undefined ? await ofApp(options) : await ofFile(file);
  if (options.json === true) printJson(io, toDocument(found));
  else io.out(describe(found));
};

const ofApp = async (options: Options): Promise<Replayed> => {
  const to = Date.now();
  const from = options.since ?? to;
  await using source = await openHistory(options);
  const player = new Player(from);
  for await (const input of inputsOf(source, { from, to })) player.push(input);
  return { app: source.app, from, to, ...player.found(to) };
};

const ofFile = async (file: string): Promise<Replayed> => {
  let header = { app: '', from: 0, to: 0 };
  let player = new Player(0);
  for await (const line of readHistoryFile(file)) {
    if (line.type === 'header') {
      header = line;
      player = new Player(line.from);
    }
    const input = line.type === 'input' ? decodeInput(line.input) : undefined;
    if (input !== undefined) player.push(input);
  }
  const { app, from, to } = header;
  return { app, from, to, ...player.found(to) };
};

/** Plays from before the period, and tells of the period. */
class Player {
  readonly #replay = new Replay();
  readonly #from: number;
  #seconds = 0;

  constructor(from: number) {
    this.#from = from;
  }

  push(input: AdvisorInput): void {
    this.#replay.push(input);
    if (input.type === 'view' && input.view.at >= this.#from) this.#seconds += 1;
  }

  found(to: number): Pick<Replayed, 'seconds' | 'cases'> {
    const cases = this.#replay.cases.filter((one) => one.from < to && (one.to ?? to) >= this.#from);
    return { seconds: this.#seconds, cases };
  }
}

const iso = (at: number): string => new Date(at).toISOString();

const toDocument = ({ app, from, to, seconds, cases }: Replayed): object => ({
  version: 1,
  app,
  from: iso(from),
  to: iso(to),
  seconds,
  cases: cases.map((one) => ({
    from: iso(one.from),
    ...(one.to === undefined ? {} : { to: iso(one.to) }),
    recommendation: one.recommendation,
  })),
});

const describe = ({ from, to, seconds, cases }: Replayed): string => {
  const lines = cases.flatMap((one) => {
    const { severity, action, service, reason, command } = one.recommendation;
    const until = one.to === undefined ? 'to the end' : `to ${iso(one.to)}`;
    return [
      `${iso(one.from)}  ${until.padEnd(27)}  ${severity.padEnd(8)} ${action} ${service}`,
      `  why   ${reason}`,
      `  do    ${command}`,
    ];
  });
  const none = cases.length === 0 ? ['Nothing would have been advised'] : [];
  return `${[...none, ...lines, `${seconds} s are recorded from ${iso(from)} to ${iso(to)}`].join('\n')}\n`;
};
