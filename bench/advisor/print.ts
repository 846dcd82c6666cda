export const print = (line = ''): void => {
  process.stdout.write(`${line}\n`);
};

export const heading = (text: string): void => print(`\n${text}\n${'-'.repeat(text.length)}`);

export const percentage = (share: number, digits = 2): string =>
  `${(share * 100).toFixed(digits)} %`;

/** A figure, its target, and whether it was met. */
export const target = (figure: string, wanted: string, isMet: boolean): void =>
  print(`${isMet ? 'met   ' : 'MISSED'} ${figure} (target ${wanted})`);

export const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[
    Math.min(values.length - 1, Math.floor(values.length * share))
  ] ?? 0;

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
