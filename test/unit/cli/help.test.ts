import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { buildProgram } from '../../../src/cli/program.ts';
import { heardIo, runHere } from '../../helpers/heard-io.ts';

const program = buildProgram(heardIo().io);
const below = (command: Command): readonly Command[] =>
  command.commands.flatMap((each) => [each, ...below(each)]);
const isHidden = (command: Command): boolean =>
  command.parent !== null &&
  !command.parent.createHelp().visibleCommands(command.parent).includes(command);
const commands = below(program).filter((command) => !isHidden(command));
const helpOf = (command: Command): string => {
  const parts: string[] = [];
  const writeOut = (part: string): void => void parts.push(part);
  command.configureOutput({ writeOut }).outputHelp();
  return parts.join('');
};

test('the help of every command says what each argument and option is', () => {
  const silent = commands.flatMap((command) =>
    [...command.registeredArguments, ...command.options].filter(
      ({ description }) => description === '',
    ),
  );
  expect(silent).toEqual([]);
});

test('the help shows no time without a unit, and nothing that only a program would write', () => {
  const shown = commands.map(helpOf).join('\n');
  expect(shown).toContain('(default: 30 s)');
  for (const option of commands.flatMap((command) => command.options)) {
    const { flags, defaultValue, defaultValueDescription } = option;
    const isTime = flags.endsWith('<time>') && defaultValue !== undefined;
    if (isTime) expect([flags, defaultValueDescription]).toEqual([flags, expect.any(String)]);
  }
  expect(shown).not.toMatch(/default: (?:""|\[)/);
});

test('what the help of a command gives as an example, the command understands', () => {
  const lines = commands.flatMap((command) =>
    [...helpOf(command).matchAll(/^ {2}forge (.+)$/gm)].map(([, line = '']) => ({ command, line })),
  );
  expect(lines.length).toBeGreaterThan(5);
  for (const { command, line } of lines) {
    const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(
      ([, quoted, bare]) => quoted ?? bare ?? '',
    );
    expect(words[0]).toBe(command.name());
    const { operands, unknown } = command.parseOptions(words.slice(1));
    expect([line, unknown]).toEqual([line, []]);
    command.registeredArguments.forEach(({ parseArg, required }, index) => {
      const operand = operands[index];
      if (required) expect([line, operand]).toEqual([line, expect.any(String)]);
      if (operand !== undefined) expect(() => parseArg?.(operand, undefined)).not.toThrow();
    });
  }
});

test('a record is looked at in a terminal only, and whoever asks for more is told', async () => {
  const { code, err } = await runHere('top', '--replay', 'day.gz', '--once');
  expect(code).toBe(2);
  expect(err).toContain("option '--replay <file>' cannot be used with option '--once'");
});

test.each([
  [['advise', 'dismiss', 'r-1'], 'forge advise dismiss --help', '--why <text>'],
  [
    ['autopilot', 'off'],
    'forge autopilot --help',
    "'off' is not valid for <mode>. Allowed choices",
  ],
  [['call', 'users.rename', 'Ada'], 'forge call --help', `'"Ada"' for a text`],
])('what is written wrong is told with the help of its own command: %j', async (...row) => {
  const [words, help, problem] = row;
  const { code, err } = await runHere(...words);
  expect(code).toBe(2);
  expect(err).toContain(problem);
  expect(err).toContain(`  → \`${help}\` says what may be written.`);
});
