import { glyphsOf } from '../glyphs.ts';
import { draw, type Frame, type Line, lengthOf, toned, toWidth } from './line.ts';

export type Box = {
  readonly title: Line;
  /** At the right of the upper edge. */
  readonly aside?: Line;
  readonly lines: readonly Line[];
  /** In the lower edge: the keys that mean something here. */
  readonly foot?: Line;
  /** At the right of the lower edge. */
  readonly footAside?: Line;
};

/** Columns for text inside a box. */
export const insideOf = (width: number): number => Math.max(0, width - 4);

/** Columns for a label in an edge of its own. */
export const besideCorners = (width: number): number => Math.max(0, width - 6);

/** Corners, blanks, and a dash between the two. */
const edgeWidth = 9;

/** Whether both have room in one edge. */
export const isBeside = (left: Line, right: Line, { width }: Pick<Frame, 'width'>): boolean =>
  lengthOf(left) + lengthOf(right) + edgeWidth <= width;

/** Lines inside an edge, as rows of exact width. */
export const boxRows = (
  { title, aside, lines, foot, footAside }: Box,
  frame: Frame,
): readonly string[] => {
  const { corners, side } = glyphsOf(frame.theme);
  const inside = { ...frame, width: insideOf(frame.width) };
  const upper = edge([corners.topLeft, corners.topRight], { left: title, right: aside }, frame);
  const lower = edge(
    [corners.bottomLeft, corners.bottomRight],
    { left: foot, right: footAside },
    frame,
  );
  const between = lines.map((line) =>
    draw([toned('dim', `${side} `), ...toWidth(line, inside), toned('dim', ` ${side}`)], frame),
  );
  return [upper, ...between, lower];
};

/** A box of exactly so many rows: what does not fit is left out, what is missing is blank. */
export const filledBox = ({ lines, ...box }: Box, frame: Frame & { readonly rows: number }) => {
  const room = frame.rows - 2;
  if (room < 1) return Array<string>(Math.max(0, frame.rows)).fill(draw([], frame));
  const blank = Array.from({ length: Math.max(0, room - lines.length) }, (): Line => []);
  return boxRows({ ...box, lines: [...lines.slice(0, room), ...blank] }, frame);
};

type Scrolled = Frame & { readonly rows: number; readonly from: number };

/** The same of a long text, from a line on; the upper edge says where one is in it. */
export const scrolledBox = ({ lines, ...box }: Box, options: Scrolled): readonly string[] => {
  const room = Math.max(1, options.rows - 2);
  const from = Math.max(0, Math.min(options.from, lines.length - room));
  const isAll = lines.length <= room;
  const place = `${from + 1}-${Math.min(lines.length, from + room)} of ${lines.length}`;
  return filledBox({ ...box, aside: [isAll ? '' : place], lines: lines.slice(from) }, options);
};

type Labels = { readonly left?: Line | undefined; readonly right?: Line | undefined };

const spaced = (label: Line = []): Line => (lengthOf(label) === 0 ? [] : [' ', ...label, ' ']);

const edge = (
  [from, to]: readonly [string, string],
  { left, right }: Labels,
  frame: Frame,
): string => {
  const { dash } = glyphsOf(frame.theme);
  const room = Math.max(0, frame.width - 4);
  const end = lengthOf(spaced(right)) + 3 > room ? [] : spaced(right);
  const free = room - lengthOf(end);
  const start = spaced(left);
  const label =
    lengthOf(start) > free ? toWidth(start, { ...frame, width: Math.max(0, free) }) : start;
  const gap = dash.repeat(Math.max(0, free - lengthOf(label)));
  return draw(
    [toned('dim', from + dash), ...label, toned('dim', gap), ...end, toned('dim', dash + to)],
    frame,
  );
};
