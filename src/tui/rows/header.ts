import type { Snapshot } from '../../protocol/control/messages.ts';
import type { ServiceStatus, Status } from '../../protocol/metrics.ts';
import { severityOf } from '../../protocol/thresholds.ts';
import { glyphsOf } from '../glyphs.ts';
import type { Connection } from '../state/state.ts';
import type { Theme } from '../theme.ts';
import { marked } from './columns.ts';
import { clock, count, duration, gigabytes, latency } from './figures.ts';
import { bar } from './graph.ts';
import { draw, type Frame, type Line, lengthOf, spread, toned } from './line.ts';

export type HeaderOptions = Frame & {
  readonly connection: Connection;
  readonly readOnly: boolean;
  readonly armedUntil?: number | undefined;
  /** What is open of the app. */
  readonly open?: string;
  readonly isFrozen?: boolean;
  /** It is a moment of the past: no supervisor of it is known. */
  readonly isPast?: boolean;
  /** Where that moment was read from, when it was a file. */
  readonly file?: string | undefined;
};

/** Which app this is and whether its figures are fresh; then the machine, and what is wrong. */
export const headerRows = (snapshot: Snapshot, options: HeaderOptions): readonly string[] => {
  const { status } = snapshot;
  const { machine, app, at } = status;
  const cores = `${machine.cores} core${machine.cores === 1 ? '' : 's'}`;
  const name: readonly Line[] = [
    [
      toned(options.isPast === true ? 'replay' : 'bold', ` ThreadForge ${app}`),
      ...crumbOf(options),
    ],
    [options.open === undefined ? whereOf(machine.name, options) : ''],
    [`  ${cores}`],
    ...(options.isPast === true ? [] : runningSince(status, options)),
  ];
  // Where one service fills the screen, another one may be in trouble.
  const state = [...pilotOf(snapshot, options), ...freshness(at, options)];
  const counts = [...countsOf(status.services, options), ' '];
  const hasRoom = lengthOf(counts) + lengthOf(state) + nameWidth <= options.width;
  const right = options.open !== undefined && hasRoom ? [...counts, ...state] : state;
  const room = options.width - lengthOf(right) - 1;
  const whole = firstFitting(name, room - 2);
  const short: Line = [toned('bold', ` ${options.open ?? app}`)];
  const left = whole.length > 0 ? whole : firstFitting([short], room);
  const first = draw(spread(left, right, options), options);
  if (options.open !== undefined) return [first];
  return [
    first,
    draw(
      spread(machineLine(snapshot, options), countsOf(status.services, options), options),
      options,
    ),
  ];
};

/** How busy and how old the machine and the supervisor are, which is known of now alone. */
const runningSince = ({ supervisor, machine, at }: Status, { width }: Frame): readonly Line[] => {
  const since = (start: string): string => duration(Date.parse(at) - Date.parse(start));
  const ofMachine =
    machine.load === undefined || machine.startedAt === undefined || width < wideEnough
      ? []
      : [[`  load ${machine.load.toFixed(2)}`], [`  up ${since(machine.startedAt)}`]];
  return [
    ...ofMachine,
    [`  supervisor ${supervisor.pid}`],
    [` up ${since(supervisor.startedAt)}`],
    ...(supervisor.version === undefined ? [] : [[`  v${supervisor.version}`]]),
  ];
};

/** The name of what is open comes before what else there is. */
const nameWidth = 10;

const whereOf = (machine: string, { file }: HeaderOptions): string =>
  file === undefined ? ` on ${machine}` : ` in ${file}`;

const crumbOf = ({ open, theme }: HeaderOptions): Line =>
  open === undefined ? [] : [toned('dim', ` ${glyphsOf(theme).crumb} `), toned('bold', open)];

/** What is not as usual: that something is done by itself, or that nothing is said. */
const pilotOf = ({ status }: Snapshot, { isPast }: HeaderOptions): Line => {
  const mode = status.autopilot?.mode ?? 'suggest';
  if (mode === 'suggest' || isPast === true) return [];
  return [toned(mode === 'auto' ? 'warning' : 'dim', `${mode.toUpperCase()}  `)];
};

const words = {
  live: ['ok', 'LIVE'],
  late: ['warning', 'LATE'],
  lost: ['critical', 'LOST'],
} as const;

const freshness = (at: string, options: HeaderOptions): Line => {
  const { connection, readOnly, armedUntil, isFrozen, isPast, theme } = options;
  if (isPast === true) {
    const lost = connection === 'live' ? '' : `${words[connection][1]}  `;
    return [lost, toned('replay', `${glyphsOf(theme).rewind} REPLAY`), `  ${clock(at)} UTC `];
  }
  const [severity, word] =
    isFrozen === true && connection === 'live' ? (['warning', 'HELD'] as const) : words[connection];
  return [
    ...(readOnly ? ['READ-ONLY  '] : []),
    ...(armedUntil === undefined
      ? []
      : [toned('warning', `MAY ACT to ${clock(new Date(armedUntil).toISOString())}  `)]),
    toned(severity, `${glyphsOf(theme)[severity]} ${word}`),
    `  ${clock(at)} UTC `,
  ];
};

/** Here the gigabytes take nothing else its place. */
const wideEnough = 110;

/** As many of the machine's and the app's figures as fit, the most telling first. */
const machineLine = ({ status, advice }: Snapshot, { width, theme }: Frame): Line => {
  const { machine, services } = status;
  const share = machine.memoryBytes === 0 ? 0 : machine.memoryUsedBytes / machine.memoryBytes;
  const requests = services.reduce((sum, { requestsPerSecond }) => sum + requestsPerSecond, 0);
  const ready = services.filter((service) => service.status === 'ready').length;
  const stopped = services.filter((service) => service.status === 'stopped').length;
  const p99 = services.reduce((worst, { latencyMs }) => Math.max(worst, latencyMs.p99), 0);
  const used = `${gigabytes(machine.memoryUsedBytes)} of ${gigabytes(machine.memoryBytes)} GB`;
  const parts: readonly Line[] = [
    [' CPU ', ...meter(machine.cpu, theme), ` ${machine.cpu.toFixed(0).padStart(3)}%`],
    ['   MEM ', ...meter(share * 100, theme), ` ${(share * 100).toFixed(0).padStart(3)}%`],
    ...(width < wideEnough ? [] : [[`  ${used}`]]),
    [`   ${ready} of ${services.length - stopped} ready`],
    ...(stopped === 0 ? [] : [[toned('warning', `, ${stopped} stopped`)]]),
    [`   ${count(requests)} req/s`],
    ['   worst P99 ', marked(latency(p99), severityOf(p99, advice.thresholds.latencyP99), theme)],
  ];
  return firstFitting(parts, width - countsWidth);
};

const meter = (percent: number, theme: Theme): Line => bar(percent, { width: 10, top: 100, theme });

const firstFitting = (parts: readonly Line[], width: number): Line => {
  const fitting: Line[] = [];
  for (const part of parts) {
    if (lengthOf([...fitting.flat(), ...part]) > width) break;
    fitting.push(part);
  }
  return fitting.flat();
};

const countsWidth = 10;

const countsOf = (services: readonly ServiceStatus[], { theme }: Frame): Line => {
  const glyphs = glyphsOf(theme);
  const badge = (severity: 'critical' | 'warning') => {
    const found = services.filter((service) => service.severity === severity).length;
    return toned(found === 0 ? 'dim' : severity, `${count(found)}${glyphs[severity]}`);
  };
  return [badge('critical'), ' ', badge('warning'), ' '];
};
