const widest = (texts: readonly string[]): number => Math.max(...texts.map(({ length }) => length));

/** A table whose columns are as wide as their widest cell, as the formatter wants it. */
export const pageTable = (
  titles: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] => {
  const widths = titles.map((title, column) =>
    widest([title, ...rows.map((row) => row[column] ?? '')]),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [titles, widths.map((width) => '-'.repeat(width)), ...rows].map(line);
};
