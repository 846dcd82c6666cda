import { fileURLToPath } from 'node:url';
import { createCanvas, GlobalFonts, type SKRSContext2D } from '@napi-rs/canvas';
import { pngQuantizeSync } from '@napi-rs/image';
import type { IBufferCell, Terminal } from '@xterm/headless';
import { indexed, ink, paper } from '../src/tui/terminal/screen-colours.ts';

const register = (url: string, name: string): void => {
  GlobalFonts.registerFromPath(fileURLToPath(url), name);
};
register(import.meta.resolve('dejavu-fonts-ttf/ttf/DejaVuSansMono.ttf'), 'Mono');
register(import.meta.resolve('dejavu-fonts-ttf/ttf/DejaVuSansMono-Bold.ttf'), 'MonoBold');

const fontSize = 15;
const cell = { width: 9, height: 19, baseline: 14.5 };
const margin = 14;

const colour = (value: number, isRgb: boolean): string =>
  isRgb ? `#${value.toString(16).padStart(6, '0')}` : indexed(value);

/** The screen of a terminal as a PNG, cell by cell. */
export const drawTerminal = ({ cols, rows, buffer }: Terminal): Buffer => {
  const canvas = createCanvas(cols * cell.width + 2 * margin, rows * cell.height + 2 * margin);
  const context = canvas.getContext('2d');
  context.fillStyle = paper;
  context.fillRect(0, 0, canvas.width, canvas.height);
  for (let y = 0; y < rows; y += 1) {
    const line = buffer.active.getLine(buffer.active.viewportY + y);
    for (let x = 0; x < cols; x += 1) {
      const found = line?.getCell(x);
      const at = { x: margin + x * cell.width, y: margin + y * cell.height };
      if (found !== undefined) drawCell(context, found, at);
    }
  }
  // A screen has few colours: a palette of them makes a third of the file.
  return pngQuantizeSync(canvas.toBuffer('image/png'));
};

type Point = { readonly x: number; readonly y: number };

const drawCell = (context: SKRSContext2D, found: IBufferCell, { x, y }: Point): void => {
  const back = found.isBgDefault() ? paper : colour(found.getBgColor(), found.isBgRGB());
  const front = found.isFgDefault() ? ink : colour(found.getFgColor(), found.isFgRGB());
  const [background, foreground] = found.isInverse() ? [front, back] : [back, front];
  context.fillStyle = background;
  if (background !== paper) context.fillRect(x, y, cell.width, cell.height);
  context.fillStyle = foreground;
  const text = found.getChars();
  const eighths = '▁▂▃▄▅▆▇█'.indexOf(text) + 1;
  if (text !== '' && eighths > 0) {
    // A font leaves gaps between blocks; rectangles join to bars.
    const height = (cell.height * eighths) / 8;
    context.fillRect(x, y + cell.height - height, cell.width, height);
  } else if (edges[text] !== undefined) {
    drawEdges(context, edges[text], { x, y });
  } else if (text.trim() !== '') {
    context.font = `${fontSize}px ${found.isBold() ? 'MonoBold' : 'Mono'}`;
    context.fillText(text, x, y + cell.baseline);
  }
};

/** Which ways a line goes from the middle of its cell, and how thick it is. */
type Edges = { readonly to: string; readonly thickness: number };
const edges: Readonly<Record<string, Edges>> = {
  '─': { to: 'lr', thickness: 1 },
  '━': { to: 'lr', thickness: 5 },
  '│': { to: 'ud', thickness: 1 },
  '╭': { to: 'rd', thickness: 1 },
  '╮': { to: 'ld', thickness: 1 },
  '╰': { to: 'ru', thickness: 1 },
  '╯': { to: 'lu', thickness: 1 },
};

const drawEdges = (context: SKRSContext2D, { to, thickness }: Edges, { x, y }: Point): void => {
  const half = Math.floor(thickness / 2);
  const middle = { x: x + Math.floor(cell.width / 2), y: y + Math.floor(cell.height / 2) };
  const across = { top: middle.y - half, height: thickness };
  const along = { left: middle.x - half, width: thickness };
  if (to.includes('l')) context.fillRect(x, across.top, middle.x - x, across.height);
  if (to.includes('r'))
    context.fillRect(middle.x, across.top, x + cell.width - middle.x, across.height);
  if (to.includes('u')) context.fillRect(along.left, y, along.width, middle.y - y);
  if (to.includes('d'))
    context.fillRect(along.left, middle.y, along.width, y + cell.height - middle.y);
};
