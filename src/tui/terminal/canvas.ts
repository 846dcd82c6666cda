import { escapes } from './escapes.ts';
import { Painter } from './painter.ts';

export type CanvasOptions = {
  readonly rows: () => readonly string[];
  readonly write: (text: string) => void;
};

/**
 * Paints the rows of now, at most once a turn of the loop. While Ink draws, the change goes into
 * its update, so that the terminal shows both at once.
 */
export class Canvas {
  readonly #options: CanvasOptions;
  readonly #painter = new Painter();
  #next: NodeJS.Immediate | undefined;
  #isClosed = false;
  /** The screen is somebody else's for a while. */
  isHeld = false;
  #onFailed: (error: unknown) => void = () => undefined;

  constructor(options: CanvasOptions) {
    this.#options = options;
  }

  /** Rejects when drawing has failed. */
  readonly failed = new Promise<never>((_, reject) => {
    this.#onFailed = reject;
  });

  /** Something that is drawn has changed. */
  readonly touch = (): void => {
    this.#next ??= setImmediate(() => {
      this.#next = undefined;
      this.#paint();
    });
  };

  /** Nothing that was drawn is there any more. */
  readonly clear = (): void => {
    this.#painter.forget();
    this.#options.write(escapes.clear);
    this.touch();
  };

  /** What is to be written now, as a part of an update that somebody else has begun. */
  change(hasErased: boolean): string {
    if (this.#isClosed || this.isHeld) return '';
    if (hasErased) this.#painter.forget();
    const change = this.#painter.change(this.#options.rows());
    const { saveCursor, restoreCursor } = escapes;
    return change === '' ? '' : saveCursor + change + restoreCursor;
  }

  close(): void {
    this.#isClosed = true;
    clearImmediate(this.#next);
  }

  #paint(): void {
    try {
      const change = this.change(false);
      if (change === '') return;
      this.#options.write(escapes.beginUpdate + change + escapes.endUpdate);
    } catch (error) {
      this.#onFailed(error);
    }
  }
}
