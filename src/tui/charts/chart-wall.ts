import blessed from 'blessed';
import contrib from 'blessed-contrib';
import { toBoard } from './figures.ts';
import { serviceLines } from './service-table.ts';
import { insideOf, label, roomIn, type Wall } from './wall.ts';

// Yellow and red are those of the two limits.
const lineColours = ['white', 'cyan', 'green', 'magenta'];

/** Rather fewer bars than names that are cut. */
const titleWidth = 9;

/** A chart for each thing that is to be seen from afar, and lists beside them. */
export const hangCharts = (screen: blessed.Widgets.Screen): Wall => {
  const grid = new contrib.grid({ rows: 12, cols: 12, screen });
  const p99 = grid.set(0, 0, 5, 7, contrib.line, {
    tags: true,
    wholeNumbersOnly: true,
    style: { text: 'white', baseline: 'white' },
  });
  const bars = { xOffset: 1 };
  const cpu = grid.set(0, 7, 5, 3, contrib.bar, {
    maxHeight: 100,
    ...bars,
  });
  const processor = grid.set(0, 10, 2, 2, contrib.gauge, { stroke: 'blue' });
  const memory = grid.set(2, 10, 3, 2, contrib.gauge, { stroke: 'blue' });
  const services = grid.set(5, 0, 4, 7, blessed.box, { border: 'line', tags: true });
  const requests = grid.set(5, 7, 4, 5, contrib.bar, { maxHeight: 1, ...bars });
  const advice = grid.set(9, 0, 3, 5, blessed.box, { border: 'line' });
  const events = grid.set(9, 5, 3, 4, blessed.box, { border: 'line' });
  const topology = grid.set(9, 9, 3, 3, blessed.box, { border: 'line' });
  return (snapshot) => {
    const board = toBoard(snapshot);
    const lines = board.p99.map((line, index) => ({
      ...line,
      colour: lineColours[index] ?? 'white',
    }));
    label(cpu, 'CPU % per worker', 'CPU %');
    label(processor, 'machine CPU', 'CPU');
    label(memory, 'memory', 'MEM');
    label(services, 'services');
    label(requests, 'requests a second', 'req/s');
    label(advice, 'advice');
    label(events, 'events');
    label(topology, 'topology');
    // The legend of the chart would cover its right end, where the news is.
    p99.setLabel(` P99 ms, 60 s${legendOf(lines, insideOf(p99) - 16)} `);
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
    services.setContent(serviceLines(snapshot.status.services, roomIn(services)).join('\n'));
    advice.setContent(board.advice.join('\n\n'));
    events.setContent(board.events.join('\n'));
    topology.setContent(board.topology.join('\n'));
  };
};

type Named = { readonly title: string; readonly colour: string };

/** Whose line has which colour, of as many as there is room for. */
const legendOf = (lines: readonly Named[], room: number): string => {
  let used = 0;
  return lines
    .filter(({ title }) => {
      used += title.length + 2;
      return used <= room;
    })
    .map(({ title, colour }) => `  {${colour}-fg}${title}{/}`)
    .join('');
};
