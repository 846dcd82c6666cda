import { spoken } from '../../../protocol/topology.ts';
import type { Part } from '../beside.ts';
import { filledBox } from '../box.ts';
import { type Line, toned } from '../line.ts';
import { absentLine, type Inspected } from './inspected.ts';

const keyWidth = (width: number): number => Math.min(30, Math.floor(width * 0.4));

/** Those that are times are milliseconds once they are read. */
const isTime = /\.(timeouts|health)\.\w+$/;

const timeOf = (ms: number): string => (ms % 1_000 === 0 ? `${ms / 1_000} s` : `${ms} ms`);

const textOf = (key: string, value: unknown): string => {
  if (typeof value === 'string') return spoken(value);
  if (typeof value === 'number' && isTime.test(key)) return timeOf(value);
  return Array.isArray(value) ? value.join(', ') : JSON.stringify(value);
};

/** What the service runs with. */
export const settingRows =
  (name: string, inspected: Inspected): Part =>
  (area) =>
    filledBox(
      {
        title: [toned('bold', 'CONFIG')],
        aside: [`forge config --why ${name}`],
        lines: inspected.inspection?.settings.map(
          ({ key, value, isOperators }): Line => [
            toned('dim', key.slice(name.length + 1).padEnd(keyWidth(area.width))),
            textOf(key, value),
            ...(isOperators ? ['  ', toned('key', 'changed by an operator')] : []),
          ],
        ) ?? [absentLine(inspected)],
      },
      area,
    );
