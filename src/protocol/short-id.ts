import { ambiguousId } from './errors.ts';

/** So few characters may be another id tomorrow. */
const leastTyped = 4;

/** The one id that begins with what was typed, as git takes its hashes; undefined when none does. */
export const idMeant = (typed: string, known: readonly string[]): string | undefined => {
  if (known.includes(typed)) return typed;
  const found =
    typed.length < leastTyped ? [] : [...new Set(known)].filter((id) => id.startsWith(typed));
  if (found.length > 1) throw ambiguousId(typed, found);
  return found[0];
};
