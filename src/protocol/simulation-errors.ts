import { ForgeError } from './forge-error.ts';

export const traceNotRead = (file: string, cause: unknown): ForgeError =>
  new ForgeError({
    code: 'TRACE_NOT_READ',
    exitCode: 2,
    message: `${file} cannot be read`,
    remedy: 'Name a CSV file with the columns timestamp_s,requests_per_s.',
    facts: { file },
    cause,
  });

export const traceInvalid = (file: string, line: number, problem: string): ForgeError =>
  new ForgeError({
    code: 'TRACE_INVALID',
    exitCode: 2,
    message: `${file}: line ${line} ${problem}`,
    remedy: 'Give a heading timestamp_s,requests_per_s and one row for each step.',
    facts: { file, line },
  });
