import { type LogLine, parseLogRecord } from '../../protocol/logs.ts';
import { plain } from '../plain.ts';
import { isToldError, ownFields, stacksOf } from './told-error.ts';

/** A line for people: when, who, how bad, and what. Nothing in it can steer the terminal. */
export const logText = ({ time, service, worker, level, line }: LogLine): string =>
  `${time}  ${whoOf(service, worker)}  ${(level ?? '').padEnd(5)}  ${messageOf(line, worker)}\n`;

/** `users#1`; where services share a worker, `main#1/users`. */
const whoOf = (service: string, worker: string): string => {
  const name = worker.replace(/^_isolated:/, '');
  return plain(name.replace(/#\d+$/, '') === service ? name : `${name}/${service}`);
};

const messageOf = (line: string, worker: string): string => {
  const record = parseLogRecord(line, worker);
  if (record === undefined) return plain(line);
  const fields = Object.entries(record.fields);
  const head = [record.msg ?? '', ...fields.flatMap(spelledField)].join(' ');
  const stacks = fields.flatMap(([, value]) => (isToldError(value) ? stacksOf(value) : []));
  // What is of more than one line is indented, so that it cannot pass for a line of its own.
  return [head, ...stacks].map(plain).join('\n').replaceAll('\n', '\n    ');
};

const spelledField = ([key, value]: readonly [string, unknown]): readonly string[] =>
  isToldError(value)
    ? [
        `${key}=${spelled(value.message)}`,
        ...ownFields(value).map(([name, own]) => `${key}.${name}=${spelled(own)}`),
      ]
    : [`${key}=${spelled(value)}`];

const spelled = (value: unknown): string =>
  typeof value === 'string' && !/[\s"=]/.test(value) ? value : JSON.stringify(value);
