import type { Place, Value } from './places.ts';
import { patternOf, quoted } from './quoted.ts';

export const zshCompletion = (places: readonly Place[]): string => `#compdef forge
_forge() {
  local at=forge last=\${words[CURRENT-1]} before='' asks='' word
  local -a known options target
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$at $word" in
      (${patternOf(places.slice(1).map(({ path }) => path))}) at="$at $word" ;;
    esac
    case "$before" in
      (--app|--config|--socket) target+=("$before" "$word") ;;
    esac
    before=$word
  done
  case "$at $last" in
${places.flatMap(values).join('')}  esac
  case "$at" in
${places.map(lists).join('')}  esac
  if [[ "\${words[CURRENT]}" == -* ]]; then
    _describe -o option options
    return
  fi
  if [[ -n "$asks" ]]; then
    known+=(\${(f)"$("\${words[1]}" completion names "$asks" "\${(@)target}" 2>/dev/null)"})
  fi
  if (( \${#known} )); then
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

const lists = ({ path, words, options, asks }: Place): string => {
  const named = words.map(({ name, description }) => described(name, description));
  const flagged = options.flatMap(({ flags, description }) =>
    flags.map((flag) => described(flag, description)),
  );
  return `    (${quoted(path)}) known=(${named.join(' ')}) options=(${flagged.join(' ')}) asks=${quoted(asks ?? '')} ;;\n`;
};

/** A colon ends the word. */
const described = (word: string, description: string): string =>
  quoted(`${word.replaceAll(':', '\\:')}:${description}`);
