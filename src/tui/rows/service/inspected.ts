import type { Inspection } from '../../../protocol/inspection.ts';
import { type Line, toned } from '../line.ts';

/** What was asked about the open service; of the past it cannot be asked. */
export type Inspected = { readonly inspection?: Inspection; readonly isPast: boolean };

export const absentLine = ({ isPast }: Inspected): Line => [
  toned('dim', isPast ? 'no history is kept of this' : 'it is being asked for'),
];
