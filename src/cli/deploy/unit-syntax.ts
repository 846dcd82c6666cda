import { unitUnwritable } from '../../protocol/errors.ts';

/**
 * Values as systemd.syntax(7) reads them back. What a unit file cannot hold is refused: a line break
 * would be the next setting.
 */

/** A word of a list or of a command line. */
export const word = (value: string): string =>
  `"${doubled(checked(value)).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

/** The program of a command line, in which systemd takes no quotes, however they are written. */
export const program = (value: string): string => {
  if (/["'\\]/.test(value)) throw unitUnwritable(value, 'holds a quote or a backslash');
  return word(value);
};

/** A value that fills its line: quotes stand for themselves there, and blanks at its ends are lost. */
export const line = (value: string): string => {
  if (value !== value.trim()) throw unitUnwritable(value, 'begins or ends with a blank');
  if (value.endsWith('\\')) throw unitUnwritable(value, 'ends with a backslash');
  return doubled(checked(value));
};

/** `%` begins a specifier, such as the name of the unit. */
const doubled = (value: string): string => value.replaceAll('%', '%%');

const checked = (value: string): string => {
  if (/\p{Cc}/u.test(value)) throw unitUnwritable(value, 'holds a control character');
  if (!value.isWellFormed()) throw unitUnwritable(value, 'is no Unicode text');
  return value;
};
