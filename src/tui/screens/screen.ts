import { keys } from '../keys.ts';
import { adviceRows, box, detailRows, headerRows, timelineRows } from '../rows/panels.ts';
import { serviceRow, tableHead } from '../rows/table.ts';
import { type State, selectedService, visibleServices } from '../state/state.ts';
import { paint, type Theme, toWidth } from '../theme.ts';

export type Size = { readonly columns: number; readonly rows: number };

type Frame = { readonly width: number; readonly rows: number; readonly theme: Theme };

/** The whole screen as rows of exact width: what Ink shows, and what tests read. */
export const screenRows = (
  state: State,
  { columns: width, rows }: Size,
  theme: Theme,
): readonly string[] => {
  if (state.snapshot === undefined) return ['waiting for the supervisor…'];
  const header = headerRows(state.snapshot, { width, theme });
  const footer = [footerRow(state, { width, theme })];
  const room = Math.max(0, rows - header.length - footer.length);
  const body = bodyRows(state, { width, rows: room, theme }).slice(0, room);
  const blank = Array<string>(Math.max(0, room - body.length)).fill('');
  return [...header, ...body, ...blank, ...footer].slice(0, rows);
};

const bodyRows = (state: State, frame: Frame): readonly string[] => {
  switch (state.dialog.type) {
    case 'none':
      return mainRows(state, frame);
    case 'help':
      return box(
        'KEYS',
        keys.map(({ keys: names, help }) => `${names.join(', ').padEnd(14)} ${help}`),
        frame,
      );
    case 'detail': {
      const service = selectedService(state);
      return service === undefined ? [] : detailRows(service, frame);
    }
    case 'plan':
      return planRows(state, frame);
  }
};

/** The table gets what the advice leaves, and scrolls with the selection; then the timeline. */
const mainRows = (state: State, { width, rows, theme }: Frame): readonly string[] => {
  const { snapshot } = state;
  if (snapshot === undefined) return [];
  const services = visibleServices(state);
  const advice = adviceRows(snapshot, { width, theme, index: state.advice });
  const room = Math.max(3, rows - 1 - advice.length - 3);
  const first = Math.max(0, Math.min(state.selected - room + 2, services.length - room));
  const table = services.slice(first, first + room).map((service, index) => {
    const selected = first + index === state.selected;
    return serviceRow(service, { snapshot, theme }, { width, selected });
  });
  const left = rows - 1 - table.length - advice.length;
  const timeline =
    left < 3 ? [] : timelineRows(snapshot, { width, theme, rows: Math.min(12, left - 2) });
  return [tableHead(width, theme), ...table, ...advice, ...timeline];
};

const planRows = ({ dialog }: State, { width, theme }: Frame): readonly string[] => {
  if (dialog.type !== 'plan') return [];
  const { plan, apply } = dialog;
  const [cancel, yes] = apply ? ['  Cancel  ', '[ Apply ]'] : ['[ Cancel ]', '  Apply  '];
  const choice = `${cancel}   ${yes}      y apply   left/right choose   enter confirm   esc cancel`;
  return box(
    `PLAN ${plan.title} (nothing changed yet)`,
    [
      ...plan.steps.map((step, index) => `${index + 1} ${step}`),
      `undo     ${plan.undo}`,
      `command  ${plan.command}`,
      '',
      choice,
    ],
    { width, theme },
  );
};

const footerRow = (state: State, { width, theme }: Omit<Frame, 'rows'>): string => {
  if (!state.connected) {
    const text = ' DISCONNECTED, retrying; the figures above are old';
    return paint(theme, 'critical', toWidth(text, width));
  }
  if (state.typing) return toWidth(` filter: ${state.filter}_`, width);
  if (state.notice !== '') return paint(theme, 'key', toWidth(` ${state.notice}`, width));
  const hints = keys.filter(({ label }) => label !== '');
  const text = hints.map((key) => `${key.keys[0]} ${key.label}`).join('  ');
  return paint(theme, 'dim', toWidth(` ${text}`, width));
};
