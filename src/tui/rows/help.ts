import { boxRows } from './box.ts';
import { type Frame, type Line, toned } from './line.ts';

export type KeyHelp = { readonly keys: readonly string[]; readonly help: string };

export type KeySection = { readonly title: string; readonly keys: readonly KeyHelp[] };

const keysWidth = 18;

/** Every key and what it does: a box a section, as many whole ones as there are rows for. */
export const helpRows = (
  sections: readonly KeySection[],
  frame: Frame & { readonly rows: number },
): readonly string[] => {
  const shown: string[] = [];
  for (const section of sections) {
    const rows = sectionRows(section, frame);
    if (shown.length + rows.length > frame.rows && shown.length > 0) break;
    shown.push(...rows);
  }
  return shown;
};

const sectionRows = ({ title, keys }: KeySection, frame: Frame): readonly string[] =>
  boxRows(
    {
      title: [toned('bold', title)],
      lines: keys.map(
        ({ keys: names, help }): Line => [toned('key', names.join('  ').padEnd(keysWidth)), help],
      ),
    },
    frame,
  );
