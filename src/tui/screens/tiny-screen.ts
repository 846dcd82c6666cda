import type { Snapshot } from '../../protocol/control/messages.ts';
import { bySeverity } from '../../protocol/severity.ts';
import { glyphsOf } from '../glyphs.ts';
import type { Area } from '../rows/beside.ts';
import { latency } from '../rows/figures.ts';
import { draw, type Line, toned } from '../rows/line.ts';
import type { State } from '../state/state.ts';
import type { Size } from './size.ts';

/** Here not even the name of a service fits into its row. */
export const isTinySize = ({ columns, rows }: Size): boolean => columns < 36 || rows < 6;

/** How bad it is, then what is open, else what is in trouble: as many lines as there are. */
export const tinyScreen = (state: State, snapshot: Snapshot, area: Area): readonly string[] => {
  const lines = [
    statusLine(state, snapshot, area),
    ...(openLines(state) ?? [...noticed(state), ...troubled(snapshot, area)]),
  ];
  return Array.from({ length: area.rows }, (_, row) => draw(lines[row] ?? [], area));
};

const statusLine = ({ connection }: State, { status }: Snapshot, { theme }: Area): Line => {
  const glyphs = glyphsOf(theme);
  const counted = (severity: 'critical' | 'warning'): Line => {
    const count = status.services.filter((service) => service.severity === severity).length;
    return [toned(count === 0 ? 'dim' : severity, `${count}${glyphs[severity]}`), ' '];
  };
  const words = connection === 'live' ? '' : `${connection.toUpperCase()} `;
  return [words, ...counted('critical'), ...counted('warning'), status.app];
};

/** A key that acts must not act on what nobody sees. */
const openLines = ({ dialog, prompt }: State): readonly Line[] | undefined => {
  const typing: readonly Line[] = prompt === undefined ? [] : [[`> ${prompt.text}_`]];
  switch (dialog.type) {
    case 'none':
      return prompt === undefined ? undefined : typing;
    case 'plan':
      return [...typing, ...dialog.items.map(({ plan }): Line => [plan.title]), ['y or escape']];
    case 'menu':
      return [
        ...typing,
        [dialog.title],
        ...dialog.choices.map(({ key, label }) => [`${key} ${label}`]),
      ];
    case 'help':
    case 'why':
    case 'slow':
      return [...typing, ['a wider window shows it']];
  }
};

const noticed = ({ notice }: State): readonly Line[] => (notice === '' ? [] : [[notice]]);

const troubled = ({ status }: Snapshot, { theme }: Area): readonly Line[] =>
  status.services
    .filter(({ severity }) => severity !== 'ok')
    .toSorted((a, b) => bySeverity(a.severity, b.severity))
    .map(({ name, severity, latencyMs }) => [
      toned(severity, glyphsOf(theme)[severity]),
      ` ${name} ${latency(latencyMs.p99)}`,
    ]);
