import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Input, KeyDecoder } from '../../src/tui/terminal/key-decoder.ts';

const decoded = (...chunks: readonly string[]): readonly Input[] => {
  const decoder = new KeyDecoder();
  return [...chunks.flatMap((chunk) => decoder.push(chunk)), ...decoder.flush()];
};

const names = (...chunks: readonly string[]): readonly string[] =>
  decoded(...chunks).map((input) => (input.type === 'key' ? input.name : input.type));

describe('what a terminal sends', () => {
  test.each<readonly [string, readonly string[]]>([
    ['jj\r', ['j', 'j', 'enter']],
    ['\u001B[A\u001BOB', ['up', 'down']],
    ['\u001B[5~\u001B[6~\u001B[H\u001B[4~', ['pageup', 'pagedown', 'home', 'end']],
    ['\u001BOP\u001B[11~\u001B[15~', ['f1', 'f1', 'f5']],
    ['\u0004\u0015\u0003\u001A', ['ctrl-d', 'ctrl-u', 'ctrl-c', 'ctrl-z']],
    ['\t\u001B[Z', ['tab', 'shift-tab']],
    ['\u007F\b', ['backspace', 'backspace']],
    ['\u001B', ['escape']],
    ['\u001Bj', ['escape', 'j']],
    ['é漢😀', ['é', '漢', '😀']],
    ['\u001B[?62;22c\u001B[Ij', ['j']],
  ])('%j is %j', (text, expected) => {
    expect(names(text)).toEqual(expected);
  });

  test('is one paste, whatever keys it could be', () => {
    expect(decoded('\u001B[200~ay\u001B[A\u001B[201~j')).toEqual([
      { type: 'paste', text: 'ay\u001B[A' },
      { type: 'key', name: 'j' },
    ]);
  });

  test('is a click and the wheel, and not the release of the button', () => {
    expect(decoded('\u001B[<0;12;5M\u001B[<0;12;5m\u001B[<64;1;1M\u001B[<65;1;1M')).toEqual([
      { type: 'mouse', button: 'left', y: 4 },
      { type: 'mouse', button: 'up', y: 0 },
      { type: 'mouse', button: 'down', y: 0 },
    ]);
  });

  test('is the same however it is cut', () => {
    const text = 'j\u001B[A\u001B[200~ab\u001B[201~\u001B[<0;1;2M\u001BOPq';
    fc.assert(
      fc.property(fc.array(fc.nat({ max: text.length })), (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), text.length];
        const chunks = at.slice(1).map((end, index) => text.slice(at[index], end));
        expect(decoded(...chunks)).toEqual(decoded(text));
      }),
    );
  });
});
