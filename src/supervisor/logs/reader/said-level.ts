import type { LogLevel } from '../../../protocol/logs.ts';

/** What the loggers of others call their levels: npm, syslog and those of the clouds. */
const names = new Map<string, LogLevel>([
  ['emergency', 'error'],
  ['emerg', 'error'],
  ['alert', 'error'],
  ['critical', 'error'],
  ['crit', 'error'],
  ['fatal', 'error'],
  ['error', 'error'],
  ['err', 'error'],
  ['warning', 'warn'],
  ['warn', 'warn'],
  ['notice', 'info'],
  ['info', 'info'],
  ['http', 'debug'],
  ['verbose', 'debug'],
  ['debug', 'debug'],
  ['trace', 'debug'],
  ['silly', 'debug'],
]);

const mayTell = /^\{.*"(?:level|severity|log\.level)"/;

/** The level that a JSON line of another logger, such as pino or winston, says of itself. */
export const saidLevel = (line: string): LogLevel | undefined => {
  if (!mayTell.test(line)) return undefined;
  const said = fieldsOf(line);
  const level = said['level'] ?? said['severity'] ?? said['log.level'];
  return typeof level === 'number' ? ofNumber(level) : names.get(String(level).toLowerCase());
};

/** As pino and bunyan count. */
const ofNumber = (level: number): LogLevel => {
  if (level >= 50) return 'error';
  if (level >= 40) return 'warn';
  return level >= 30 ? 'info' : 'debug';
};

const fieldsOf = (line: string): Readonly<Record<string, unknown>> => {
  try {
    return JSON.parse(line);
  } catch {
    // It only looked like JSON.
    return {};
  }
};
