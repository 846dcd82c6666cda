import { type Cells, rowChange, toCells } from './cells.ts';

/** Knows what the terminal shows, and says what to write so that it shows something else. */
export class Painter {
  #rows: readonly string[] = [];
  #cells: Cells[] = [];

  /** The screen was cleared, or is of another size. */
  forget(): void {
    this.#rows = [];
    this.#cells = [];
  }

  /** The escapes between the last screen and this one; empty when they are equal. */
  change(rows: readonly string[]): string {
    let written = '';
    for (const [y, row] of rows.entries()) {
      if (row === this.#rows[y]) continue;
      const after = toCells(row);
      written += rowChange(y, this.#cells[y] ?? blank(after.text.length), after);
      this.#cells[y] = after;
    }
    this.#rows = rows;
    return written;
  }
}

const blank = (width: number): Cells => ({
  text: ' '.repeat(width),
  styles: Array<string>(width).fill(''),
});
