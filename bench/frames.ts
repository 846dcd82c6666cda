/** What ten thousand frames leave behind in a console: its heap after a collection, and a frame's CPU. */
import { screenRows } from '../src/tui/screens/screen.ts';
import { initialState, withSnapshot } from '../src/tui/state/state.ts';
import { Painter } from '../src/tui/terminal/painter.ts';
import { crowd } from '../test/helpers/crowd.ts';

const frames = Number(process.argv[2] ?? 10_000);
const services = Number(process.argv[3] ?? 30);
const size = { columns: 160, rows: 50 };
const theme = { ascii: false, color: true };

const collected = (): number => {
  // Started with --expose-gc.
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1024 / 1024;
};

const painter = new Painter();
let state = initialState(false);
let written = 0;
let warm = 0;
const from = { cpu: process.cpuUsage(), at: 0 };
for (let frame = 0; frame <= frames; frame += 1) {
  state = withSnapshot(state, crowd(services, frame));
  written += painter.change(screenRows(state, size, theme)).length;
  // Code that is compiled late is no leak.
  if (frame === frames / 10) {
    warm = collected();
    from.cpu = process.cpuUsage();
    from.at = frame;
  }
}
const { user, system } = process.cpuUsage(from.cpu);
const growth = collected() - warm;
const cpuMs = (user + system) / 1_000 / (frames - from.at);
process.stdout.write(
  `${frames} frames of ${services} services: heap ${growth >= 0 ? '+' : ''}${growth.toFixed(2)} MB since frame ${from.at} (${warm.toFixed(1)} MB), ${cpuMs.toFixed(2)} ms CPU and ${(written / frames / 1_000).toFixed(1)} KB a frame, with what makes the figures\n`,
);
