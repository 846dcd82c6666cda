import blessed from 'blessed';
import contrib from 'blessed-contrib';
import type { Snapshot } from '../../protocol/control/messages.ts';
import type { ControlClient } from '../../sdk/control/client.ts';
import { serviceColumns, toBoard } from './figures.ts';

type DashOptions = { readonly supervisor: ControlClient; readonly everyMs: number };

const lineColours = ['yellow', 'cyan', 'green', 'magenta'];

/** The wallboard: charts that nobody needs to touch. It owns the screen until `q`. */
export const openDash = async ({ supervisor, everyMs }: DashOptions): Promise<number> => {
  const screen = blessed.screen({ smartCSR: true, fullUnicode: true, title: 'forge dash' });
  const draw = drawOn(screen);
  const left = Promise.withResolvers<number>();
  screen.key(['q'], () => left.resolve(0));
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
  const p99 = grid.set(0, 0, 6, 8, contrib.line, { tags: true, wholeNumbersOnly: true });
  const cpu = grid.set(0, 8, 6, 4, contrib.bar, {
    label: ' CPU % per worker ',
    barWidth: 6,
    barSpacing: 3,
    maxHeight: 100,
  });
  const services = grid.set(6, 0, 6, 7, contrib.table, {
    label: ' services ',
    columnWidth: [14, 12, 5, 7, 7, 8, 8],
    columnSpacing: 1,
    interactive: false,
    fg: 'white',
  });
  const advice = grid.set(6, 7, 6, 5, blessed.box, { label: ' advice ', border: 'line' });
  return (snapshot) => {
    const board = toBoard(snapshot);
    const lines = board.p99.map((line, index) => ({
      ...line,
      colour: lineColours[index] ?? 'white',
    }));
    // The legend of the chart would cover its right end, where the news is.
    const names = lines.map(({ title, colour }) => `  {${colour}-fg}${title}{/}`).join('');
    p99.setLabel(` P99 ms, 60 s${names} `);
    p99.setData(lines.map(({ colour, ...line }) => ({ ...line, style: { line: colour } })));
    cpu.setData(board.cpu);
    services.setData({ headers: serviceColumns, data: board.services });
    advice.setContent(board.advice.join('\n\n') || 'no service is under pressure');
    screen.render();
  };
};
