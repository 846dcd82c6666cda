import type { Command, Option } from 'commander';
import type { NameKind } from './names.ts';

/** What may come next where the words so far have led to. */
export type Place = {
  /** `forge advise accept` */
  readonly path: string;
  /** Commands, and what an argument may be. */
  readonly words: readonly Word[];
  /** What else may come, which the running app knows. */
  readonly asks?: NameKind;
  /** A file is meant as well as a name. */
  readonly mayBeFile: boolean;
  readonly options: readonly OptionWord[];
};

export type Word = { readonly name: string; readonly description: string };

export type OptionWord = {
  /** `-f` and `--follow` */
  readonly flags: readonly string[];
  readonly description: string;
  readonly value?: Value;
};

/** What an option takes: one of a few words, a folder, or anything, which may be a file. */
export type Value = {
  readonly kind: 'words' | 'folder' | 'any';
  readonly words: readonly string[];
};

/** By the name of an argument. */
const askedFor: Readonly<Record<string, NameKind>> = {
  name: 'services',
  services: 'services',
  what: 'services',
  with: 'services',
  'name|id': 'explained',
  'service.method': 'methods',
  id: 'advice',
  action: 'actions',
};

/** Every command of a program, and of those below it. */
export const placesOf = (command: Command, before: readonly string[] = []): readonly Place[] => {
  const path = [...before, command.name()];
  const help = command.createHelp();
  // With `help`, and without those that are hidden.
  const commands = help.visibleCommands(command);
  const [asks] = command.registeredArguments.flatMap((argument) => askedFor[argument.name()] ?? []);
  return [
    {
      path: path.join(' '),
      words: [
        ...commands.map((each) => ({
          name: each.name(),
          description: help.subcommandDescription(each),
        })),
        ...command.registeredArguments.flatMap(({ argChoices = [], description }) =>
          argChoices.map((name) => ({ name, description })),
        ),
      ],
      ...(asks === undefined ? {} : { asks }),
      mayBeFile: command.registeredArguments.some((argument) => argument.name() === 'what'),
      options: help.visibleOptions(command).map(toWord),
    },
    ...commands.flatMap((each) => placesOf(each, path)),
  ];
};

const toWord = (option: Option): OptionWord => ({
  flags: [option.short, option.long].filter((flag) => flag !== undefined),
  description: option.description,
  ...(option.required || option.optional ? { value: toValue(option) } : {}),
});

const toValue = ({ argChoices, flags }: Option): Value => {
  if (argChoices !== undefined) return { kind: 'words', words: argChoices };
  return { kind: flags.includes('<dir>') ? 'folder' : 'any', words: [] };
};
