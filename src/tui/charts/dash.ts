import blessed from 'blessed';
import type { Snapshot } from '../../protocol/control/messages.ts';
import type { ControlClient } from '../../sdk/control/client.ts';
import { hangCharts } from './chart-wall.ts';
import { hangLists } from './list-wall.ts';
import type { Wall } from './wall.ts';

type DashOptions = { readonly supervisor: ControlClient; readonly everyMs: number };

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

/** On a smaller screen a chart says nothing. */
const wallFor = ({ width, height }: blessed.Widgets.Screen) =>
  Number(width) < 80 || Number(height) < 24 ? hangLists : hangCharts;

const drawOn = (screen: blessed.Widgets.Screen): Wall => {
  let hung: { readonly hang: typeof hangCharts; readonly draw: Wall } | undefined;
  let last: Snapshot | undefined;
  const draw: Wall = (snapshot) => {
    last = snapshot;
    const hang = wallFor(screen);
    if (hung?.hang !== hang) {
      for (const child of [...screen.children]) child.detach();
      hung = { hang, draw: hang(screen) };
    }
    hung.draw(snapshot);
    screen.render();
  };
  screen.on('resize', () => last !== undefined && draw(last));
  return draw;
};
