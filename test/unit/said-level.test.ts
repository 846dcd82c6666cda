import { expect, test } from 'vitest';
import { saidLevel } from '../../src/supervisor/logs/reader/said-level.ts';

test.each([
  ['{"level":50,"time":1795816296641,"pid":1,"hostname":"h","msg":"pino"}', 'error'],
  ['{"level":60,"msg":"pino, fatal"}', 'error'],
  ['{"level":40,"msg":"pino"}', 'warn'],
  ['{"level":30,"msg":"pino"}', 'info'],
  ['{"level":10,"msg":"pino, trace"}', 'debug'],
  ['{"message":"winston","level":"error"}', 'error'],
  ['{"level":"verbose","message":"winston"}', 'debug'],
  ['{"level":"WARN","msg":"slog of Go"}', 'warn'],
  ['{"severity":"CRITICAL","message":"Google Cloud"}', 'error'],
  ['{"@timestamp":"2026-11-27T21:51:36.735Z","log.level":"error","message":"ECS"}', 'error'],
  ['{"level":"a game of seven","score":3}', undefined],
  ['{"level":"constructor"}', undefined],
  ['{"level":"error", cut off', undefined],
  ['{"msg":"says no level"}', undefined],
  ['the "level" is "error"', undefined],
])('%s is %s', (line, level) => {
  expect(saidLevel(line)).toBe(level);
});
