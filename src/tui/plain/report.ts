import type { Snapshot } from '../../protocol/control/messages.ts';
import { worst } from '../../protocol/severity.ts';
import { advisorRows } from '../rows/advisor.ts';
import { headerRows } from '../rows/header.ts';
import { serviceRow, tableHead } from '../rows/table.ts';
import { timelineRows } from '../rows/timeline.ts';
import { portsText } from './ports.ts';

export type PlainOptions = { readonly width: number; readonly ascii?: boolean };

const adviceRows = 20;

/** What the console shows, as text for a script, a mail or `watch`. */
export const plainReport = (snapshot: Snapshot, { width, ascii }: PlainOptions): string => {
  const theme = { ascii: ascii === true, color: false };
  const frame = { width: Math.max(80, width), theme };
  const { recommendations } = snapshot.advice;
  const services = snapshot.status.services.map((service) =>
    serviceRow(service, { snapshot, theme }, { ...frame, selected: false }),
  );
  const advice = [0, ...recommendations.keys()].slice(recommendations.length === 0 ? 0 : 1);
  const service = recommendations[0]?.service ?? snapshot.actions[0]?.service;
  const ports = portsText(snapshot);
  return [
    ...headerRows(snapshot, { ...frame, connection: 'live', readOnly: false }),
    tableHead(frame),
    ...services,
    ...(ports === '' ? [] : [`   ${ports}`]),
    ...advice.flatMap((index) => advisorRows(snapshot, { ...frame, index, rows: adviceRows })),
    ...timelineRows(snapshot, { ...frame, service: service ?? '', rows: 12 }),
  ]
    .map((line) => line.trimEnd())
    .join('\n');
};

/** 0 fine, 10 a service in warning, 20 one critical. */
export const worstExit = ({ status }: Snapshot): number => {
  const exits = { ok: 0, warning: 10, critical: 20 } as const;
  return exits[worst(status.services.map(({ severity }) => severity))];
};
