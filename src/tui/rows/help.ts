import { type Line, toned, wrap } from './line.ts';

export type KeyHelp = { readonly keys: readonly string[]; readonly help: string };

export type KeySection = { readonly title: string; readonly keys: readonly KeyHelp[] };

const keysWidth = 18;

type KeyOptions = { readonly width: number; readonly nameOf: (key: string) => string };

/** Every key and what it does, under the name of the place where it does it. */
export const helpLines = (sections: readonly KeySection[], options: KeyOptions): readonly Line[] =>
  sections.flatMap(({ title, keys }, index): readonly Line[] => [
    ...(index === 0 ? [] : [[]]),
    [toned('bold', title)],
    ...keys.flatMap((key) => keyLines(key, options)),
  ]);

const keyLines = ({ keys, help }: KeyHelp, { width, nameOf }: KeyOptions): readonly Line[] =>
  wrap(help, Math.max(10, width - keysWidth)).map((text, index): Line => {
    const names = index === 0 ? keys.map(nameOf).join('  ') : '';
    return [toned('key', names.padEnd(keysWidth)), text];
  });
