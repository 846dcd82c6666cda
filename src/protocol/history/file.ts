import * as v from 'valibot';
import type { Action } from '../action.ts';
import { actionSchema } from '../schema.ts';
import { type HistoryPage, stepsMs } from './messages.ts';
import { machineSeriesNames, seriesNames } from './series.ts';

/**
 * What happened in a period, as a file that can be sent to somebody: gzip, one JSON object a line.
 * The header, then the pages of the history, the actions, and what the advisor was given.
 */
export type HistoryHeader = {
  readonly type: 'header';
  readonly format: 'threadforge history';
  readonly version: 1;
  readonly app: string;
  readonly from: number;
  readonly to: number;
};

export type HistoryLine =
  | HistoryHeader
  | { readonly type: 'page'; readonly page: HistoryPage }
  | { readonly type: 'action'; readonly action: Action }
  | { readonly type: 'input'; readonly input: object };

export const historyFormat = { format: 'threadforge history', version: 1 } as const;

const at = v.number();

const page = v.object({
  version: v.literal(1),
  stepMs: v.picklist(stepsMs),
  at: v.array(at),
  machineSeries: v.array(v.picklist(machineSeriesNames)),
  machine: v.string(),
  series: v.array(v.picklist(seriesNames)),
  services: v.record(v.string(), v.string()),
  records: v.array(v.looseObject({ kind: v.picklist(['event', 'advice', 'layout']), at })),
  held: v.array(v.looseObject({ kind: v.picklist(['advice', 'layout']), at })),
  next: v.exactOptional(at),
});

const line = v.variant('type', [
  v.object({
    type: v.literal('header'),
    format: v.literal(historyFormat.format),
    version: v.literal(historyFormat.version),
    app: v.string(),
    from: at,
    to: at,
  }),
  v.object({ type: v.literal('page'), page }),
  v.object({ type: v.literal('action'), action: actionSchema }),
  v.object({ type: v.literal('input'), input: v.looseObject({ type: v.string() }) }),
]);

/** What is wrong with it, when it is no line of such a file. */
export const decodeHistoryLine = (value: object): HistoryLine | string => {
  const result = v.safeParse(line, value);
  // A record is what the supervisor that wrote it knew of its kind; the schema knows the kind.
  if (result.success) return result.output as HistoryLine;
  const [issue] = result.issues;
  return `${v.getDotPath(issue) ?? 'line'}: ${issue.message}`;
};
