import { stripVTControlCharacters } from 'node:util';
import * as v from 'valibot';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Snapshot } from '../../src/protocol/control/messages.ts';
import { statusSchema } from '../../src/protocol/schema.ts';
import { type Severity, severities } from '../../src/protocol/severity.ts';
import { forge } from '../helpers/forge.ts';
import { type FixedSupervisor, serveFixed } from '../helpers/supervisor.ts';
import { calm, twice } from './shop.ts';

let supervisor: FixedSupervisor;
beforeAll(async () => {
  supervisor = await serveFixed({ snapshot: calm });
});
afterAll(async () => {
  await supervisor[Symbol.asyncDispose]();
});

const top = (...args: readonly string[]) =>
  forge(['top', '--socket', supervisor.socketPath, ...args]);

const withWorst = (severity: Severity): Snapshot => ({
  ...twice,
  status: {
    ...twice.status,
    services: twice.status.services.map((each) =>
      each.name === 'orders' ? { ...each, severity } : { ...each, severity: 'ok' },
    ),
  },
});

const exits: Readonly<Record<Severity, number>> = { ok: 0, warning: 10, critical: 20 };

test.each(severities)('the exit code says that the worst service is %s', async (severity) => {
  supervisor.show(withWorst(severity));
  const [text, document] = await Promise.all([top('--once'), top('--json')]);
  expect([text.code, document.code]).toEqual([exits[severity], exits[severity]]);
  expect([text.stderr, document.stderr]).toEqual(['', '']);
});

test('into a pipe the table and all advice are printed once, as plain text', async () => {
  supervisor.show(twice);
  const { code, stdout } = await top();
  expect(code).toBe(20);
  expect(stdout).toBe((await top('--once')).stdout);
  for (const text of ['gateway', '612ms◆', 'ADVISOR 1/2', 'ADVISOR 2/2', 'forge scale orders 2']) {
    expect(stdout).toContain(text);
  }
  expect(stripVTControlCharacters(stdout)).toBe(stdout);
  expect((await top('--ascii')).stdout).toMatch(/^[\n\u0020-\u007E]*$/);
});

test.each([{ TERM: 'dumb' }, { INK_SCREEN_READER: 'true' }])(
  'into a pipe nobody types commands, also where the environment is %j',
  async (env) => {
    supervisor.show(twice);
    const { code, stdout } = await forge(['top', '--socket', supervisor.socketPath], { env });
    expect(code).toBe(20);
    expect(stdout).toBe((await top('--once')).stdout);
  },
);

test('as JSON it is one snapshot, of which the status is as everywhere', async () => {
  supervisor.show(twice);
  const { stdout } = await top('--json');
  const { version, status, advice } = JSON.parse(stdout);
  expect(version).toBe(1);
  expect(v.parse(statusSchema, status)).toEqual(twice.status);
  expect(advice).toEqual(twice.advice);
});
