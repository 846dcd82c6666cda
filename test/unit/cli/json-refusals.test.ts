import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildProgram } from '../../../src/cli/program.ts';
import { heardIo, runHere as run } from '../../helpers/heard-io.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'forge-refusals-'));
  writeFileSync(join(folder, 'forge.config.json'), '{ "servises": {} }');
  mkdirSync(join(folder, 'sound'));
  writeFileSync(join(folder, 'sound/users.mjs'), '');
  const sound = { services: { users: { entry: './users.mjs' } } };
  writeFileSync(join(folder, 'sound/forge.config.json'), JSON.stringify(sound));
});
afterAll(() => rmSync(folder, { recursive: true }));

const noSupervisor = [4, 'CONTROL_UNREACHABLE'] as const;
const wrongConfig = [2, 'CONFIG_UNKNOWN_KEY'] as const;

/** Command → its arguments, and with what it is refused in a folder where nothing runs and the config is wrong. */
const refusals: Readonly<
  Record<string, readonly [words: string, exit: number, code: string] | 'is never refused'>
> = {
  actions: ['', ...noSupervisor],
  advise: ['', ...noSupervisor],
  'advise accept': ['r-1', ...noSupervisor],
  'advise dismiss': ['r-1 --why no', ...noSupervisor],
  'advise snooze': ['r-1', ...noSupervisor],
  autopilot: ['', ...noSupervisor],
  call: ['users.get', ...noSupervisor],
  colocate: ['users orders', ...noSupervisor],
  config: ['', ...wrongConfig],
  'config diff': ['', ...wrongConfig],
  doctor: 'is never refused',
  emit: ['order.paid', ...noSupervisor],
  events: ['', ...noSupervisor],
  explain: ['users', ...noSupervisor],
  'explain allocation': ['', ...noSupervisor],
  graph: ['', ...wrongConfig],
  init: ['', 3, 'FILES_EXIST'],
  logs: ['nobody', 2, 'UNKNOWN_SERVICE'],
  migrate: ['users --to eu-2', ...noSupervisor],
  reload: ['users', ...noSupervisor],
  restart: ['users', ...noSupervisor],
  rollback: ['users', ...noSupervisor],
  routes: ['', ...noSupervisor],
  scale: ['users 2', ...noSupervisor],
  simulate: ['--trace nowhere.csv', 2, 'TRACE_NOT_READ'],
  split: ['users', ...noSupervisor],
  start: ['users', ...noSupervisor],
  status: ['', ...noSupervisor],
  stop: ['users', ...noSupervisor],
  top: ['--once', ...noSupervisor],
  undo: ['', ...noSupervisor],
  version: 'is never refused',
};

const pathsOf = (command: Command, before: readonly string[] = []): readonly string[] =>
  command.commands.flatMap((each) => {
    const path = [...before, each.name()];
    const own = each.options.some(({ long }) => long === '--json') ? [path.join(' ')] : [];
    return [...own, ...pathsOf(each, path)];
  });

describe('what is refused with --json', () => {
  test('is known of every command that has it', () => {
    expect(Object.keys(refusals)).toEqual(pathsOf(buildProgram(heardIo().io)).toSorted());
  });

  const refused = Object.entries(refusals).flatMap(([command, refusal]) =>
    refusal === 'is never refused' ? [] : [[command, ...refusal] as const],
  );

  const targetOf = (command: string): readonly string[] => {
    if (command === 'simulate') return [];
    if (command === 'init') return [folder];
    return ['--app', command === 'logs' ? join(folder, 'sound') : folder];
  };

  test.each(refused)('forge %s %s exits %i with %s, as one document', async (...row) => {
    const [command, words, exit, code] = row;
    const asked = [
      ...command.split(' '),
      ...words.split(' ').filter(Boolean),
      ...targetOf(command),
    ];
    const said = await run(...asked, '--json');
    const { version, error } = JSON.parse(said.out);
    expect([said.code, version, error.code]).toEqual([exit, 1, code]);
    expect(said.err).toBe(`forge: ${error.message}\n  → ${error.remedy}\n`);
  });

  test.each([
    ['strat --json', "unknown command 'strat'"],
    ['status --jsn --json', "unknown option '--jsn'"],
    ['scale users --json', "missing required argument 'workers'"],
  ])('also by its usage: forge %s', async (words, message) => {
    const { code, out } = await run(...words.split(' '));
    const remedy = expect.stringContaining('--help`');
    expect([code, JSON.parse(out)]).toEqual([
      2,
      { version: 1, error: { code: 'WRONG_USAGE', message, remedy } },
    ]);
  });
});

test('a command that nobody knows is told with the one that was meant, and where all are', async () => {
  expect(await run('strat')).toEqual({
    code: 2,
    out: '',
    err: "forge: unknown command 'strat'\n  → Did you mean start? `forge --help` lists the commands.\n",
  });
});
