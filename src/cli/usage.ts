import type { CommanderError } from 'commander';
import { wrongUsage } from '../protocol/errors.ts';
import type { ForgeError } from '../protocol/forge-error.ts';

/** Of help and version, which are what was asked for, nothing is left to say. */
export const hasTold = ({ code }: CommanderError): boolean =>
  ['commander.help', 'commander.helpDisplayed', 'commander.version'].includes(code);

const form = /^error: ([\s\S]*?)(?:\n\(Did you mean (?:one of )?(.+)\?\))?$/;

/** What commander found wrong, as every error of ours is told. */
export const asUsage = (
  { code, message }: CommanderError,
  words: readonly string[],
): ForgeError => {
  const [, what = message, meant] = form.exec(message) ?? [];
  const see =
    code === 'commander.unknownCommand'
      ? '`forge --help` lists the commands.'
      : `\`forge ${words[0]} --help\` says what may be written.`;
  return wrongUsage(what, meant === undefined ? see : `Did you mean ${meant}? ${see}`);
};
