import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { calm, twice } from '../console/shop.ts';
import { startCopy } from '../helpers/app-copy.ts';
import { forge, main } from '../helpers/forge.ts';
import { actionsOf } from '../helpers/status.ts';
import { serveFixed } from '../helpers/supervisor.ts';
import { openShell } from '../helpers/terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'forge-completion-'));
const run = promisify(execFile);
const script = (shell: string): string => join(folder, shell);

beforeAll(async () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    writeFileSync(script(shell), (await forge(['completion', shell])).stdout);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What bash would offer for the last of these words; `forge` is what was built here. */
const offered = async (...words: readonly string[]): Promise<readonly string[]> =>
  offeredIn({}, ...words);

const offeredIn = async (
  env: NodeJS.ProcessEnv,
  ...words: readonly string[]
): Promise<readonly string[]> => {
  const complete = `forge() { '${process.execPath}' '${main}' "$@"; }
    source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _forge; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const args = ['--norc', '-c', complete, script('bash'), 'forge', ...words];
  const { stdout, stderr } = await run('bash', args, {
    cwd: folder,
    env: { ...process.env, ...env },
  });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((word) => word !== '');
};

test.each([
  { words: ['adv'], are: ['advise'] },
  { words: ['advise', 'dis'], are: ['dismiss'] },
  { words: ['advise', 'dismiss', '--w'], are: ['--why'] },
  { words: ['advise', '--fail-on', ''], are: ['warning', 'critical'] },
  { words: ['logs', '-f', '--level', 'e'], are: ['error'] },
  { words: ['completion', ''], are: ['bash', 'zsh', 'fish'] },
  { words: ['explain', 'al'], are: ['allocation'] },
  { words: ['autopilot', 's'], are: ['suggest'] },
  // A hidden command is not for people, and a value is no command.
  { words: ['rel'], are: ['reload'] },
  { words: ['top', '--replay', 'adv'], are: [] },
  { words: ['status', 'adv'], are: [] },
])('bash offers $are after $words', async ({ words, are }) => {
  expect(await offered(...words)).toEqual(are);
});

test('every command of the help is offered, and every option of it', async () => {
  const { stdout } = await forge(['--help']);
  const commands = [...stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name ?? '');
  expect(commands.length).toBeGreaterThan(25);
  expect(await offered('')).toEqual(commands);
  const top = (await forge(['top', '--help'])).stdout;
  const options = [...top.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, name]) => name ?? '');
  expect(await offered('top', '--')).toEqual(options);
});

test('services, methods and actions are those of the app that runs', async () => {
  await using app = await startCopy('test/fixtures/apps/hello');
  const here = (command: string, word: string) =>
    offeredIn(app.env, command, '--app', app.directory, word);
  for (const command of ['scale', 'split', 'rollback', 'logs', 'stop', 'start']) {
    expect(await here(command, '')).toEqual(['hello', 'names']);
  }
  expect(await here('explain', 'n')).toEqual(['names']);
  expect(await here('call', 'names.')).toEqual(['names.nameOf', 'names.who', 'names.block']);
  expect(await here('undo', '')).toEqual([]);
  await app.forge('scale', 'names', '3');
  const [scaled] = await actionsOf(app);
  expect(await here('undo', '')).toEqual([scaled?.id]);
});

test('what is advised can be accepted, put off and explained by its id', async () => {
  await using supervisor = await serveFixed({ snapshot: twice });
  const at = ['--socket', supervisor.socketPath];
  for (const command of ['accept', 'dismiss', 'snooze']) {
    expect(await offered('advise', command, ...at, '')).toEqual(['r-0e36', 'r-77aa']);
  }
  expect(await offered('explain', ...at, 'r-7')).toEqual(['r-77aa']);
});

test('where no app runs, nothing is offered and nothing is said', async () => {
  expect(await offered('scale', '')).toEqual([]);
  expect(await offered('explain', '--app', folder, '')).toEqual(['allocation']);
  expect(await offered('call', '--socket', join(folder, 'none.sock'), '')).toEqual([]);
});

test('a supervisor that does not answer keeps nobody from typing on', async () => {
  const socketPath = join(folder, 'silent.sock');
  const hello = { type: 'hello', version: 1, app: 'shop', pid: 1 };
  const silent = createServer((socket) => {
    socket.resume().write(`${JSON.stringify(hello)}\n`);
  });
  await new Promise<void>((resolve) => void silent.listen(socketPath, resolve));
  expect(await offered('scale', '--socket', socketPath, '')).toEqual([]);
  await new Promise((resolve) => void silent.close(resolve));
});

test('a name that a shell could take for a command of its own is not offered', async () => {
  const services = calm.status.services.map((each) => ({ ...each, name: `$(id).${each.name}` }));
  const snapshot = { ...calm, status: { ...calm.status, services } };
  await using supervisor = await serveFixed({ snapshot });
  expect(await offered('scale', '--socket', supervisor.socketPath, '')).toEqual([]);
});

test('in a bash that somebody types into, the tab key completes', async () => {
  await using terminal = openShell(`exec bash --norc --noprofile -i`, {
    columns: 80,
    rows: 10,
    env: { HOME: folder, PS1: '> ' },
  });
  terminal.type(`source ${script('bash')}; forge() { echo "called with $*"; }\r`);
  terminal.type('forge colo\t users\r');
  await terminal.shows('called with colocate users');
  terminal.type('exit\r');
  expect(await terminal.exited).toBe(0);
});

test('fish offers files beside names only where a file may be meant', () => {
  const named = readFileSync(script('fish'), 'utf8')
    .split('\n')
    .filter((line) => line.includes("'(__forge_names"));
  expect(named.length).toBeGreaterThan(10);
  const orFile = named.filter((line) => !line.includes(' -f '));
  expect(orFile).toEqual([expect.stringContaining("'__forge_at forge start'")]);
});

test('the other shells read theirs, where they are', () => {
  const there = ['bash', 'zsh', 'fish'].filter((shell) =>
    ['/bin', '/usr/bin'].some((place) => existsSync(join(place, shell))),
  );
  expect(there).toContain('bash');
  for (const shell of there) execFileSync(shell, ['-n', script(shell)]);
});
