import blessed from 'blessed';
import contrib from 'blessed-contrib';
import type { Snapshot } from '../../protocol/control/messages.ts';
import type { ControlClient } from '../../sdk/control/client.ts';
import { serviceColumns, toBoard } from './figures.ts';

type DashOptions = { readonly supervisor: ControlClient; readonly everyMs: number };

// Yellow and red are those of the two limits.
const lineColours = ['white', 'cyan', 'green', 'magenta'];

/** The wallboard: charts that nobody needs to touch. It owns the screen until somebody leaves. */
export const openDash = async ({ supervisor, everyMs }: DashOptions): Promise<number> => {
  const screen = blessed.screen({
    smartCSR: true,
    fullUnicode: true,
    // The charts are of characters that only Unicode has: without a locale the frames are, too.
    forceUnicode: true,
    title: 'forge dash',
  });
  // Frames of the same kind, and not of a second set of characters that not every terminal has.
  Object.assign(screen.tput, { brokenACS: true });
  const draw = drawOn(screen);
  const left = Promise.withResolvers<number>();
  screen.key(['q', 'g', 'escape'], () => left.resolve(0));
  screen.key(['C-c'], () => left.resolve(130));
  void supervisor.closed.then(() => left.resolve(4));
  try {
    draw(await supervisor.subscribe(everyMs, draw));
    return await left.promise;
  } finally {
    screen.destroy();
  }
};

const drawOn = (screen: blessed.Widgets.Screen): ((snapshot: Snapshot) => void) => {
  const grid = new contrib.grid({ rows: 12, cols: 12, screen });
  const p99 = grid.set(0, 0, 5, 7, contrib.line, { tags: true, wholeNumbersOnly: true });
  const bars = { barWidth: 6, barSpacing: 9, xOffset: 1 };
  const cpu = grid.set(0, 7, 5, 3, contrib.bar, {
    label: ' CPU % per worker ',
    maxHeight: 100,
    ...bars,
  });
  const processor = grid.set(0, 10, 2, 2, contrib.gauge, { label: ' machine CPU ' });
  const memory = grid.set(2, 10, 3, 2, contrib.gauge, { label: ' memory ' });
  const services = grid.set(5, 0, 4, 7, contrib.table, {
    label: ' services ',
    columnWidth: [11, 10, 4, 6, 6, 7, 8, 6],
    columnSpacing: 1,
    interactive: false,
    fg: 'white',
  });
  const requests = grid.set(5, 7, 4, 5, contrib.bar, {
    label: ' requests a second ',
    maxHeight: 1,
    ...bars,
  });
  const advice = grid.set(9, 0, 3, 5, blessed.box, { label: ' advice ', border: 'line' });
  const events = grid.set(9, 5, 3, 4, blessed.box, { label: ' events ', border: 'line' });
  const topology = grid.set(9, 9, 3, 3, blessed.box, { label: ' topology ', border: 'line' });
  return (snapshot) => {
    const board = toBoard(snapshot);
    const lines = board.p99.map((line, index) => ({
      ...line,
      colour: lineColours[index] ?? 'white',
    }));
    // The legend of the chart would cover its right end, where the news is.
    const names = lines.map(({ title, colour }) => `  {${colour}-fg}${title}{/}`).join('');
    p99.setLabel(` P99 ms, 60 s${names} `);
    p99.setData([
      ...board.limits.map(({ colour, ...limit }) => ({ ...limit, style: { line: colour } })),
      ...lines.map(({ colour, ...line }) => ({ ...line, style: { line: colour } })),
    ]);
    cpu.setData(board.cpu);
    requests.setData(board.requests);
    processor.setPercent(board.machine.cpu);
    memory.setPercent(board.machine.memory);
    services.setData({ headers: serviceColumns, data: board.services });
    advice.setContent(board.advice.join('\n\n') || 'no service is under pressure');
    events.setContent(board.events.join('\n'));
    topology.setContent(board.topology.join('\n'));
    screen.render();
  };
};
