import type { Command, CommanderError } from 'commander';
import { wrongUsage } from '../protocol/errors.ts';
import type { ForgeError } from '../protocol/forge-error.ts';

/** Of help and version, which are what was asked for, nothing is left to say. */
export const hasTold = ({ code }: CommanderError): boolean =>
  ['commander.help', 'commander.helpDisplayed', 'commander.version'].includes(code);

const form = /^error: ([\s\S]*?)(?:\n\(Did you mean (?:one of )?(.+)\?\))?$/;

const badArgument = /^command-argument value '([\s\S]*)' is invalid for argument '([^']*)'/;

/** What commander found wrong, as every error of ours is told. */
export const asUsage = (
  { code, message }: CommanderError,
  { program, words }: { readonly program: Command; readonly words: readonly string[] },
): ForgeError => {
  const [, what = message, meant] = form.exec(message) ?? [];
  const see =
    code === 'commander.unknownCommand'
      ? '`forge --help` lists the commands.'
      : `\`${['forge', ...namesIn(program, words)].join(' ')} --help\` says what may be written.`;
  return wrongUsage(
    what.replace(badArgument, "'$1' is not valid for <$2>"),
    meant === undefined ? see : `Did you mean ${meant}? ${see}`,
  );
};

/** `advise accept` of `advise accept r-1 --json`. */
const namesIn = (command: Command, [word, ...words]: readonly string[]): readonly string[] => {
  const nested = command.commands.find((each) => each.name() === word);
  return nested === undefined ? [] : [nested.name(), ...namesIn(nested, words)];
};
