import { type State, said } from '../state/state.ts';
import { canAct, type Step, stay } from './key.ts';
import { type Verb, verbs } from './verbs.ts';

const wordsOf = (text: string): readonly string[] =>
  text.split(/\s+/).filter((word) => word !== '');

const verbOf = (text: string): Verb | undefined => {
  const [name = ''] = wordsOf(text);
  return verbs.find((verb) => verb.name === name);
};

/** What could stand where one types. */
export const completions = (state: State, text: string): readonly string[] => {
  const words = wordsOf(text);
  const isNew = text === '' || text.endsWith(' ');
  const place = words.length - (isNew ? 0 : 1);
  const begun = isNew ? '' : (words.at(-1) ?? '');
  const known =
    place === 0 ? verbs.map(({ name }) => name) : (verbOf(text)?.words(state, place - 1) ?? []);
  return known.filter((word) => word.startsWith(begun));
};

/** The text with as much more as all that could follow has in common. */
export const completed = (state: State, text: string): string => {
  const found = completions(state, text);
  const [one = ''] = found;
  if (found.length === 0) return text;
  const common = found.reduce((left, word) => {
    let length = 0;
    while (length < left.length && left[length] === word[length]) length += 1;
    return left.slice(0, length);
  }, one);
  const before = text.slice(0, text.length - (/\S*$/.exec(text)?.[0].length ?? 0));
  return before + common + (found.length === 1 ? ' ' : '');
};

/** How the same is said in a shell, or what the command is for. */
export const explained = (text: string): string => {
  const verb = verbOf(text);
  if (verb === undefined) return '';
  const args = wordsOf(text).slice(1).join(' ');
  return verb.changes === true ? `forge ${verb.name} ${args}`.trim() : verb.help;
};

const keptCommands = 50;

export const run = (state: State, text: string): Step => {
  const [name = '', ...args] = wordsOf(text);
  if (name === '') return stay(state);
  const commands = [text.trim(), ...state.commands.filter((each) => each !== text.trim())];
  const kept = { ...state, commands: commands.slice(0, keptCommands) };
  const verb = verbOf(text);
  if (verb === undefined) return stay(said(kept, `no command ${name}: tab lists them`));
  const allowed = verb.changes === true ? canAct(state) : true;
  if (allowed !== true) return stay(said(kept, `${name}: ${allowed}`));
  return verb.run(kept, args);
};
