import type { Place, Value } from './places.ts';
import { patternOf, quoted } from './quoted.ts';

/** Where it knows nothing better, bash completes names of files. */
export const bashCompletion = (places: readonly Place[]): string => `# forge completion bash
_forge() {
  local at=forge before='' last=\${COMP_WORDS[COMP_CWORD-1]} now=\${COMP_WORDS[COMP_CWORD]} word words='' flags='' asks=''
  local -a target=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$at $word" in
      ${patternOf(places.slice(1).map(({ path }) => path))}) at="$at $word" ;;
    esac
    case "$before" in
      --app|--config|--socket) target+=("$before" "$word") ;;
    esac
    before=$word
  done
  COMPREPLY=()
  case "$at $last" in
${places.flatMap(values).join('')}  esac
  case "$at" in
${places.map(lists).join('')}  esac
  if [[ "$now" == -* ]]; then words=$flags
  elif [[ -n "$asks" ]]; then
    words+=" $("\${COMP_WORDS[0]}" completion names "$asks" "\${target[@]}" 2>/dev/null)"
  fi
  COMPREPLY=($(compgen -W "$words" -- "$now"))
}
complete -o bashdefault -o default -F _forge forge
`;

const values = ({ path, options }: Place): readonly string[] =>
  options.flatMap(({ flags, value }) =>
    value === undefined
      ? []
      : [`    ${patternOf(flags.map((flag) => `${path} ${flag}`))}) ${offer(value)}return ;;\n`],
  );

const offer = ({ kind, words: known }: Value): string => {
  if (kind === 'any') return '';
  const from = kind === 'folder' ? '-d' : `-W ${quoted(known.join(' '))}`;
  return `COMPREPLY=($(compgen ${from} -- "$now")); `;
};

const lists = ({ path, words, options, asks }: Place): string => {
  const known = words.map(({ name }) => name).join(' ');
  const flags = options.flatMap(({ flags: own }) => own).join(' ');
  return `    ${quoted(path)}) words=${quoted(known)} flags=${quoted(flags)} asks=${quoted(asks ?? '')} ;;\n`;
};
