import blessed from 'blessed';
import contrib from 'blessed-contrib';
import type { Snapshot } from '../../protocol/control/messages.ts';
import type { ControlClient } from '../../sdk/control/client.ts';
import { toBoard } from './figures.ts';
import { serviceLines } from './service-table.ts';

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

/** Rather fewer bars than names that are cut. */
const titleWidth = 9;

/** Columns between the edges; a screen that was resized has others. */
const insideOf = ({ width }: blessed.Widgets.BlessedElement): number => Number(width) - 2;

const drawOn = (screen: blessed.Widgets.Screen): ((snapshot: Snapshot) => void) => {
  const grid = new contrib.grid({ rows: 12, cols: 12, screen });
  const p99 = grid.set(0, 0, 5, 7, contrib.line, {
    tags: true,
    wholeNumbersOnly: true,
    style: { text: 'white', baseline: 'white' },
  });
  const bars = { xOffset: 1 };
  const cpu = grid.set(0, 7, 5, 3, contrib.bar, {
    label: ' CPU % per worker ',
    maxHeight: 100,
    ...bars,
  });
  const processor = grid.set(0, 10, 2, 2, contrib.gauge, {
    label: ' machine CPU ',
    stroke: 'blue',
  });
  const memory = grid.set(2, 10, 3, 2, contrib.gauge, { label: ' memory ', stroke: 'blue' });
  const services = grid.set(5, 0, 4, 7, blessed.box, {
    label: ' services ',
    border: 'line',
    tags: true,
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
      ...lines.map(({ colour, ...line }) => ({ ...line, style: { line: colour } })),
      // On top of the others: what crosses them is what the wall is looked at for.
      ...board.limits.map(({ colour, ...limit }) => ({ ...limit, style: { line: colour } })),
    ]);
    for (const [chart, data] of [
      [cpu, board.cpu],
      [requests, board.requests],
    ] as const) {
      const inside = insideOf(chart);
      const count = Math.min(data.titles.length, Math.max(1, Math.floor(inside / titleWidth)));
      const pitch = Math.floor(inside / count);
      chart.options.barSpacing = pitch;
      chart.options.barWidth = pitch - 3;
      chart.setData({
        titles: data.titles.slice(0, count).map((title) => title.slice(0, pitch - 1)),
        data: data.data.slice(0, count),
      });
    }
    processor.setPercent(board.machine.cpu);
    memory.setPercent(board.machine.memory);
    services.setContent(serviceLines(snapshot.status.services, insideOf(services)).join('\n'));
    advice.setContent(board.advice.join('\n\n'));
    events.setContent(board.events.join('\n'));
    topology.setContent(board.topology.join('\n'));
    screen.render();
  };
};
