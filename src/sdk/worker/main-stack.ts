import { fileURLToPath } from 'node:url';
import { placeIn } from './source-place.ts';

type Frame = {
  readonly functionName: string;
  readonly location: {
    readonly scriptId: string;
    readonly lineNumber: number;
    readonly columnNumber?: number | undefined;
  };
};

const framesShown = 5;
/** Native code, such as a long query, cannot be interrupted: then there is no stack to be had. */
const patienceMs = 500;

/**
 * What the main thread is doing, also while it never returns to its event loop: the debugger stops
 * it for a moment, reads the stack and lets it run on. Called in another thread.
 */
export const stackOfMainThread = (): Promise<string> =>
  new Promise((resolve) => {
    const inspector = process.getBuiltinModule('node:inspector');
    const session = new inspector.Session();
    const end = (stack: string): void => {
      clearTimeout(timer);
      session.post('Debugger.disable', () => session.disconnect());
      resolve(stack);
    };
    const timer = setTimeout(() => end('in native code'), patienceMs);
    const urls = new Map<string, string>();
    session.connectToMainThread();
    session.on('Debugger.scriptParsed', ({ params }) => urls.set(params.scriptId, params.url));
    session.on('Debugger.paused', ({ params }) => {
      session.post('Debugger.resume');
      end(describe(params.callFrames, urls));
    });
    session.post('Debugger.enable');
    session.post('Debugger.pause');
  });

const describe = (frames: readonly Frame[], urls: ReadonlyMap<string, string>): string =>
  frames
    .slice(0, framesShown)
    .map(({ functionName, location }) => {
      const url = urls.get(location.scriptId) ?? '';
      const file = url.startsWith('file:') ? fileURLToPath(url) : url;
      const place = { line: location.lineNumber, column: location.columnNumber ?? 0 };
      return `${functionName || 'anonymous'} (${placeIn(file, place)})`;
    })
    .join(' < ');
