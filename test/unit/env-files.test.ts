import { mkdirSync, mkdtempDisposableSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readAppEnv, readEnvFile } from '../../src/supervisor/config/env-files.ts';

const read = (text: string): unknown => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'forge-env-'));
  const file = join(folder.path, '.env');
  writeFileSync(file, text);
  try {
    return readEnvFile(file);
  } catch (error) {
    return String(error).replace(file, 'FILE').split('\n')[0];
  }
};

test.each([
  ['A=1\r\nB = two # remark\r\n', { A: '1', B: 'two' }],
  ['\uFEFFA=1', { A: '1' }],
  ['# remark\n\n  export A=1\n', { A: '1' }],
  ["A='#x'\nB=\nspring.url=y\n", { A: '#x', B: '', 'spring.url': 'y' }],
  ['KEY="-----BEGIN-----\nMIIE+/x==\nfoo=bar\n-----END-----"\nA=1', { A: '1' }],
  ['A=`it\'s "so"`\nB=$A', { A: 'it\'s "so"', B: '$A' }],
])('a file of variables is read as node reads it: %j', (text, variables) => {
  expect(read(text)).toMatchObject(variables);
});

test.each([
  ['A=1\nsecret\nB=2', 'line 2 is no NAME=value'],
  ['A: secret', 'line 1 is no NAME=value'],
  ['A=1\n=secret', 'line 2 is no NAME=value'],
  ['A secret=1', 'line 1 is no NAME=value'],
  ['__proto__=secret', 'line 1 is no NAME=value'],
  ['A="1\n2"\nsecret', 'line 3 is no NAME=value'],
  ['A="secret\nB=1', 'line 1 has a quote that is not closed'],
  ["B=1\nA='secret", 'line 2 has a quote that is not closed'],
  ['A=secret\0', 'line 1 has a character that no variable can have'],
])('a line that sets no variable is refused, and not shown: %j', (text, problem) => {
  expect(read(text)).toBe(`ForgeError: FILE cannot be used: ${problem}`);
});

test('of the files beside a config the local one wins, and a folder is none', () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'forge-env-'));
  const file = join(folder.path, '.env');
  mkdirSync(file);
  writeFileSync(`${file}.local`, 'B=2');
  expect(readAppEnv(folder.path).variables).toEqual({ B: '2' });

  using other = mkdtempDisposableSync(join(tmpdir(), 'forge-env-'));
  writeFileSync(join(other.path, '.env'), 'A=1\nB=1');
  writeFileSync(join(other.path, '.env.local'), 'B=2');
  expect(readAppEnv(other.path).variables).toEqual({ A: '1', B: '2' });
});
