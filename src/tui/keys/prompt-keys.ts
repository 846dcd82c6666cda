import { toMatch } from '../state/logs.ts';
import { nowOf, parseTime } from '../state/replay.ts';
import { reordered, type State, said, selectedService } from '../state/state.ts';
import type { Prompt } from '../state/view.ts';
import { closed, type Key, type Step, stay } from './key.ts';
import { toMigration } from './migrate.ts';
import { completed, run } from './palette.ts';
import { goTo } from './time-keys.ts';

const without = ({ prompt: _prompt, ...state }: State): State => state;

/** What is typed counts at once where it only narrows what is seen. */
export const typed = (state: State, text: string, back = 0): State => {
  const { prompt } = state;
  if (prompt === undefined) return state;
  const next: State = { ...state, prompt: { ...prompt, text, back } };
  switch (prompt.purpose) {
    case 'filter':
      return reordered(next, { filter: text });
    case 'search':
      return { ...next, logs: { ...state.logs, search: text, match: 0 } };
    case 'grep':
      return { ...next, logs: { ...state.logs, filter: text, behind: 0 } };
    case 'time':
    case 'command':
    case 'machine':
    case 'confirm':
      return next;
  }
};

/** Ends the typing and keeps what was typed; a command is run by enter alone. */
export const endTyping = (state: State): State => {
  const { prompt } = state;
  const next = without(state);
  if (prompt?.purpose !== 'search') return next;
  return { ...next, logs: toMatch({ ...next.logs, match: -1 }, 1) };
};

const textOf = ({ prompt }: State): string => prompt?.text ?? '';

const dropped = (state: State): Step => stay(without(typed(state, '')));

const isCommand = ({ prompt }: State): boolean => prompt?.purpose === 'command';

/** The word and nothing else: what was typed by chance is no yes. */
const confirmed = (state: State): Step => {
  const { prompt } = state;
  if (prompt?.purpose !== 'confirm') return stay(state);
  const next = closed(without(state));
  return prompt.text === prompt.word
    ? { state: said(next, 'asking the supervisor…'), effect: prompt.deed }
    : stay(said(next, `${prompt.word} was not typed, nothing was changed`));
};

const entered = (state: State): Step => {
  switch (state.prompt?.purpose) {
    case 'confirm':
      return confirmed(state);
    case 'command':
      return run(without(state), textOf(state));
    case 'time':
      return toTime(without(state), textOf(state));
    case 'machine':
      return toMigration(without(state), selectedService(state)?.name ?? '', textOf(state));
    case 'filter':
    case 'search':
    case 'grep':
    case undefined:
      return stay(endTyping(state));
  }
};

const toTime = (state: State, text: string): Step => {
  const at = parseTime(text, nowOf(state));
  return at === undefined
    ? stay(said(state, 'write a time such as -5m, or 22:11 (UTC)'))
    : goTo(state, at);
};

/** Through what was typed before, as in a shell. */
const recalled = (state: State, by: number): Step => {
  const prompt: Prompt | undefined = state.prompt;
  const back = Math.max(0, Math.min(state.commands.length, (prompt?.back ?? 0) + by));
  return stay(typed(state, back === 0 ? '' : (state.commands[back - 1] ?? ''), back));
};

/** While a line is typed; a letter that is not here belongs to it. */
export const promptKeys: readonly Key[] = [
  {
    keys: ['enter'],
    label: 'done',
    help: 'keep what was typed; of a command, a time or a machine: do it',
    press: entered,
  },
  {
    keys: ['escape'],
    label: 'drop',
    help: 'drop what was typed',
    press: dropped,
  },
  {
    keys: ['tab'],
    label: 'complete',
    help: 'complete a command',
    enabled: (state) => (isCommand(state) ? true : 'only a command can be completed'),
    press: (state) => {
      const text = completed(state, textOf(state));
      return stay(
        text === textOf(state)
          ? said(state, 'tab: there is more than one way on, or none')
          : typed(state, text),
      );
    },
  },
  {
    keys: ['up'],
    label: 'before',
    help: 'the command that was typed before',
    enabled: (state) => {
      if (!isCommand(state)) return 'only commands are kept';
      return state.commands.length > (state.prompt?.back ?? 0) ? true : 'there is no older one';
    },
    press: (state) => recalled(state, 1),
  },
  {
    keys: ['down'],
    help: 'the command that was typed after it',
    enabled: (state) =>
      isCommand(state) && (state.prompt?.back ?? 0) > 0 ? true : 'there is no newer one',
    press: (state) => recalled(state, -1),
  },
  {
    keys: ['backspace'],
    help: 'take back a letter, or end when there is none',
    press: (state) =>
      stay(textOf(state) === '' ? without(state) : typed(state, textOf(state).slice(0, -1))),
  },
  {
    keys: ['ctrl-u'],
    help: 'take back the whole line',
    enabled: (state) => (textOf(state) === '' ? 'nothing was typed' : true),
    press: (state) => stay(typed(state, '')),
  },
];
