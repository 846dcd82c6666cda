/** Where a picture of a screen is on, and what is written there without a colour. */
export const paper = '#16181d';
export const ink = '#d4d7dd';

/** The sixteen colours of a terminal, calm on dark paper. */
const sixteen = [
  paper,
  '#e5534b',
  '#57ab5a',
  '#d9a441',
  '#539bf5',
  '#b083f0',
  '#39c5cf',
  ink,
  '#868e9c',
  '#ff6b62',
  '#6bc46d',
  '#f0bc4b',
  '#6cb6ff',
  '#dcbdfb',
  '#56d4dd',
  '#ffffff',
];

const cube = [0, 95, 135, 175, 215, 255] as const;

/** One of the 256 colours of a terminal, by its number. */
export const indexed = (value: number): string => {
  if (value < 16) return sixteen[value] ?? ink;
  if (value >= 232) return rgb([1, 1, 1].map((part) => part * (8 + (value - 232) * 10)));
  const index = value - 16;
  return rgb(
    [index / 36, (index % 36) / 6, index % 6].map((level) => cube[Math.floor(level)] ?? 0),
  );
};

export const rgb = (parts: readonly number[]): string =>
  `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
