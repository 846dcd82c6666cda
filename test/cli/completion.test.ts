import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { forge } from '../helpers/forge.ts';
import { openShell } from '../helpers/terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'forge-completion-'));
const script = (shell: string): string => join(folder, shell);

beforeAll(async () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    writeFileSync(script(shell), (await forge(['completion', shell])).stdout);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What bash would offer for the last of these words. */
const offered = (...words: readonly string[]): readonly string[] =>
  execFileSync('bash', [
    '--norc',
    '-c',
    `source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _forge; printf '%s\\n' "\${COMPREPLY[@]}"`,
    script('bash'),
    'forge',
    ...words,
  ])
    .toString()
    .split('\n')
    .filter((word) => word !== '');

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
])('bash offers $are after $words', ({ words, are }) => {
  expect(offered(...words)).toEqual(are);
});

test('every command of the help is offered, and every option of it', async () => {
  const { stdout } = await forge(['--help']);
  const commands = [...stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name ?? '');
  expect(commands.length).toBeGreaterThan(25);
  expect(offered('')).toEqual(commands);
  const top = (await forge(['top', '--help'])).stdout;
  const options = [...top.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, name]) => name ?? '');
  expect(offered('top', '--')).toEqual(options);
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

test('the other shells read theirs, where they are', () => {
  const there = ['bash', 'zsh', 'fish'].filter((shell) =>
    ['/bin', '/usr/bin'].some((place) => existsSync(join(place, shell))),
  );
  expect(there).toContain('bash');
  for (const shell of there) execFileSync(shell, ['-n', script(shell)]);
});
