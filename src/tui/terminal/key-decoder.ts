/** What an operator did. */
export type Input =
  | { readonly type: 'key'; readonly name: string }
  | { readonly type: 'paste'; readonly text: string }
  /** A click, or a turn of the wheel; `y` counts from 0. */
  | { readonly type: 'mouse'; readonly button: 'left' | 'up' | 'down'; readonly y: number };

const pasteStart = '\u001B[200~';
const pasteEnd = '\u001B[201~';

const letters: Readonly<Record<string, string>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  H: 'home',
  F: 'end',
  Z: 'shift-tab',
  P: 'f1',
  Q: 'f2',
  R: 'f3',
  S: 'f4',
};

const numbers: Readonly<Record<string, string>> = {
  1: 'home',
  3: 'delete',
  4: 'end',
  5: 'pageup',
  6: 'pagedown',
  7: 'home',
  8: 'end',
  11: 'f1',
  12: 'f2',
  13: 'f3',
  14: 'f4',
  15: 'f5',
};

const controls: Readonly<Record<string, string>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\b': 'backspace',
  '\u007F': 'backspace',
  '\u001B': 'escape',
};

const lead = '\u001B';
/** What comes after the escape: all of it, or its beginning. */
const whole = /^(?:\[[0-9;<?]*[A-Za-z~]|O[A-Za-z])/;
const begun = /^(?:\[[0-9;<?]*|O)?$/;

/**
 * Bytes of a terminal to keys. Keys that arrive in one read count each, and one that arrives in two
 * counts once. What no key of ours is, a report of the terminal for instance, is left out.
 */
export class KeyDecoder {
  #rest = '';

  /** True while the beginning of something longer, or the escape key alone, has arrived. */
  get isWaiting(): boolean {
    return this.#rest !== '';
  }

  push(chunk: string): readonly Input[] {
    this.#rest += chunk;
    const found: Input[] = [];
    while (this.#rest !== '' && this.#takeOne(found));
    return found;
  }

  /** Nothing more has come: what waits is the escape key. */
  flush(): readonly Input[] {
    if (!this.#rest.startsWith(lead) || this.#rest.startsWith(pasteStart)) return [];
    const rest = this.#rest.slice(1);
    this.#rest = '';
    return [{ type: 'key', name: 'escape' }, ...this.push(rest)];
  }

  /** False when what is there may be only the beginning. */
  #takeOne(found: Input[]): boolean {
    const rest = this.#rest;
    if (rest.startsWith(pasteStart)) return this.#takePaste(found);
    const after = rest.startsWith(lead) ? rest.slice(1) : undefined;
    const sequence = after === undefined ? undefined : whole.exec(after)?.[0];
    if (after !== undefined && sequence === undefined && begun.test(after)) return false;
    const char = String.fromCodePoint(rest.codePointAt(0) ?? 0);
    this.#rest = rest.slice(sequence === undefined ? char.length : 1 + sequence.length);
    const input = sequence === undefined ? plainKey(char) : named(sequence);
    if (input !== undefined) found.push(input);
    return true;
  }

  #takePaste(found: Input[]): boolean {
    const end = this.#rest.indexOf(pasteEnd);
    if (end < 0) return false;
    found.push({ type: 'paste', text: this.#rest.slice(pasteStart.length, end) });
    this.#rest = this.#rest.slice(end + pasteEnd.length);
    return true;
  }
}

const plainKey = (char: string): Input => {
  const name = controls[char];
  if (name !== undefined) return { type: 'key', name };
  const code = char.charCodeAt(0);
  // ctrl-a to ctrl-z are 1 to 26.
  return { type: 'key', name: code < 32 ? `ctrl-${String.fromCharCode(code + 96)}` : char };
};

const named = (sequence: string): Input | undefined => {
  const mouse = /^\[<(\d+);\d+;(\d+)([Mm])$/.exec(sequence);
  if (mouse !== null) return toMouse(mouse);
  const last = sequence.at(-1) ?? '';
  const number = /^\[(\d+)/.exec(sequence)?.[1] ?? '';
  const name = last === '~' ? numbers[number] : letters[last];
  return name === undefined ? undefined : { type: 'key', name };
};

const buttons = { 0: 'left', 64: 'up', 65: 'down' } as const;

const toMouse = ([, code = '', y = '1', end]: readonly string[]): Input | undefined => {
  const button = buttons[Number(code) as keyof typeof buttons];
  // The release of a button is no second click.
  if (button === undefined || end === 'm') return undefined;
  return { type: 'mouse', button, y: Number(y) - 1 };
};
