import type { OptionWord, Place } from './places.ts';

export const fishCompletion = (places: readonly Place[]): string => `# forge completion fish
function __forge_at
  set -l at forge
  for word in (commandline -opc)[2..]
    if contains -- "$at $word" ${places
      .slice(1)
      .map(({ path }) => quoted(path))
      .join(' ')}
      set at "$at $word"
    end
  end
  test "$at" = "$argv"
end
function __forge_names
  set -l words (commandline -opc)
  set -l target
  set -l before
  for word in $words
    if contains -- "$before" --app --config --socket
      set -a target $before $word
    end
    set before $word
  end
  $words[1] completion names $argv $target 2>/dev/null
end
${places.flatMap(lines).join('\n')}
`;

/** In fish a backslash is one also between quotes. */
const quoted = (text: string): string =>
  `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

const lines = ({ path, words, options, asks, mayBeFile }: Place): readonly string[] => {
  const there = `complete -c forge -n ${quoted(`__forge_at ${path}`)}`;
  return [
    ...words.map(({ name, description }) => `${there} -f -a ${name} -d ${quoted(description)}`),
    ...(asks === undefined
      ? []
      : [`${there}${mayBeFile ? '' : ' -f'} -a '(__forge_names ${asks})'`]),
    ...options.map((option) => `${there} ${flagsOf(option)} -d ${quoted(option.description)}`),
  ];
};

const flagsOf = ({ flags, value }: OptionWord): string => {
  const names = flags.map((flag) =>
    flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
  );
  return [...names, ...taken(value)].join(' ');
};

const taken = (value: OptionWord['value']): readonly string[] => {
  if (value === undefined) return [];
  if (value.kind === 'words') return ['-x', '-a', quoted(value.words.join(' '))];
  return value.kind === 'folder' ? ['-x', '-a', "'(__fish_complete_directories)'"] : ['-r'];
};
