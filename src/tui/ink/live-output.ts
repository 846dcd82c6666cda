import type { Canvas } from '../terminal/canvas.ts';
import { escapes } from '../terminal/escapes.ts';

const erases = (text: string): boolean =>
  text.split('\u001B').some((part) => /^\[\d*[JK]/.test(part));

/**
 * Ink's way to the terminal. It ends each of its updates with one write of its own; before that
 * one comes what the canvas has to change, which is all of it when Ink has erased.
 */
export const liveOutput = (stdout: NodeJS.WriteStream, canvas: Canvas): NodeJS.WriteStream => {
  let hasErased = false;
  const write: NodeJS.WriteStream['write'] = (...args: unknown[]) => {
    if (canvas.isHeld) return true;
    const [text] = args;
    if (typeof text === 'string') {
      hasErased ||= erases(text);
      if (text === escapes.endUpdate) {
        stdout.write(canvas.change(hasErased));
        hasErased = false;
      }
    }
    // The arguments are those of the stream's own method.
    return stdout.write(...(args as Parameters<typeof stdout.write>));
  };
  return new Proxy(stdout, {
    get: (target, property) => {
      if (property === 'write') return write;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
};
