import type { Place, Value } from './places.ts';
import { patternOf, quoted } from './quoted.ts';

export const zshCompletion = (places: readonly Place[]): string => `#compdef forge
_forge() {
  local at=forge last=\${words[CURRENT-1]} word
  local -a known options
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$at $word" in
      (${patternOf(places.slice(1).map(({ path }) => path))}) at="$at $word" ;;
    esac
  done
  case "$at $last" in
${places.flatMap(values).join('')}  esac
  case "$at" in
${places.map(lists).join('')}  esac
  if [[ "\${words[CURRENT]}" == -* ]]; then
    _describe -o option options
  elif (( \${#known} )); then
    _describe word known
  else
    _files
  fi
}
if [[ "\${funcstack[1]}" == _forge ]]; then _forge "$@"; else compdef _forge forge; fi
`;

const values = ({ path, options }: Place): readonly string[] =>
  options.flatMap(({ flags, value }) =>
    value === undefined
      ? []
      : [`    (${patternOf(flags.map((flag) => `${path} ${flag}`))}) ${offer(value)}; return ;;\n`],
  );

const offer = ({ kind, words }: Value): string => {
  if (kind === 'words') return `compadd -- ${words.map(quoted).join(' ')}`;
  return kind === 'folder' ? '_files -/' : '_files';
};

const lists = ({ path, words, options }: Place): string => {
  const named = words.map(({ name, description }) => described(name, description));
  const flagged = options.flatMap(({ flags, description }) =>
    flags.map((flag) => described(flag, description)),
  );
  return `    (${quoted(path)}) known=(${named.join(' ')}) options=(${flagged.join(' ')}) ;;\n`;
};

/** A colon ends the word. */
const described = (word: string, description: string): string =>
  quoted(`${word.replaceAll(':', '\\:')}:${description}`);
