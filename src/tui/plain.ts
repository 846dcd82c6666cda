import type { Snapshot } from '../protocol/control/messages.ts';
import { worst } from '../protocol/severity.ts';
import { adviceRows, headerRows, timelineRows } from './rows/panels.ts';
import { serviceRow, tableHead } from './rows/table.ts';

export type PlainOptions = { readonly width: number; readonly ascii?: boolean };

/** What the console shows, as text for a script, a mail or `watch`. */
export const plainReport = (snapshot: Snapshot, { width, ascii }: PlainOptions): string => {
  const theme = { ascii: ascii === true, color: false };
  const frame = { width: Math.max(80, width), theme };
  const services = snapshot.status.services.map((service) =>
    serviceRow(service, { snapshot, theme }, { width: frame.width, selected: false }),
  );
  const advice = snapshot.advice.recommendations.flatMap((_, index) =>
    adviceRows(snapshot, { ...frame, index }),
  );
  return [
    ...headerRows(snapshot, frame),
    tableHead(frame.width, theme),
    ...services,
    ...(advice.length === 0 ? adviceRows(snapshot, { ...frame, index: 0 }) : advice),
    ...timelineRows(snapshot, { ...frame, rows: 5 }),
  ]
    .map((line) => line.trimEnd())
    .join('\n');
};

/** 0 fine, 10 a service in warning, 20 one critical. */
export const worstExit = ({ status }: Snapshot): number => {
  const exits = { ok: 0, warning: 10, critical: 20 } as const;
  return exits[worst(status.services.map(({ severity }) => severity))];
};
