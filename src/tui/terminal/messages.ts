type Env = Readonly<Record<string, string | undefined>>;

const bell = '\u0007';
const end = '\u001B\\';

/** Inside tmux what is for the terminal outside is wrapped, each escape in it doubled. */
const outwards = (env: Env, text: string): string =>
  env['TMUX'] === undefined
    ? text
    : `\u001BPtmux;${text.replaceAll('\u001B', '\u001B\u001B')}${end}`;

/** Only characters that can neither end nor bend a sequence. */
const safe = (text: string): string => text.replaceAll(/\p{Cc}/gu, ' ').replaceAll(';', ',');

export const titleSequence = (title: string): string => `\u001B]0;${safe(title)}${bell}`;

/** A bell for every terminal, and a notification for one that is known to have them. */
export const notification = (env: Env, text: string): string =>
  bell + outwards(env, notifying(env, safe(text)));

const notifying = ({ TERM = '', TERM_PROGRAM = '' }: Env, text: string): string => {
  if (TERM.includes('kitty')) return `\u001B]99;;${text}${end}`;
  if (TERM.startsWith('rxvt')) return `\u001B]777;notify;forge;${text}${bell}`;
  return ['iTerm.app', 'WezTerm', 'ghostty'].includes(TERM_PROGRAM) || TERM.includes('ghostty')
    ? `\u001B]9;${text}${bell}`
    : '';
};

/** What a terminal takes of it; some cut longer ones, which would be worse than nothing. */
const copiedBytes = 74_994;

/** Into the clipboard of whoever sits at the terminal, also through ssh. */
export const copySequence = (env: Env, text: string): string | undefined => {
  const encoded = Buffer.from(text).toString('base64');
  if (encoded.length > copiedBytes) return undefined;
  return outwards(env, `\u001B]52;c;${encoded}${bell}`);
};
