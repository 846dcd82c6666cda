import { once } from 'node:events';
import { setTimeout as after } from 'node:timers/promises';
import { freePort } from '../../helpers/free-port.ts';

type Answer = { readonly id?: number; readonly result?: { readonly usedSize?: number } };

const lookEveryMs = 20;
const patienceMs = 10_000;

/** The heap of another Node process, by its inspector, which a signal opens. */
export class Heap {
  readonly #port: number;

  private constructor(port: number) {
    this.#port = port;
  }

  static async onFreePort(): Promise<Heap> {
    return new Heap(await freePort());
  }

  /** With this the process is to be started. */
  get env(): Readonly<Record<string, string>> {
    return { NODE_OPTIONS: `--inspect-port=${this.#port}` };
  }

  /** What is left of it when all that can be was collected. */
  async megabytes(pid: number): Promise<number> {
    const socket = new WebSocket(await this.#open(pid));
    try {
      await once(socket, 'open');
      await ask(socket, { id: 1, method: 'HeapProfiler.collectGarbage' });
      // An expression that is evaluated would stay there as a script, each time.
      const answer = await ask(socket, { id: 2, method: 'Runtime.getHeapUsage' });
      return Number(answer.result?.usedSize) / 1_024 / 1_024;
    } finally {
      socket.close();
    }
  }

  async #open(pid: number): Promise<string> {
    process.kill(pid, 'SIGUSR1');
    for (const until = performance.now() + patienceMs; performance.now() < until; ) {
      const targets = await fetch(`http://127.0.0.1:${this.#port}/json`)
        .then((response) => response.json())
        .catch(() => []);
      const [target] = targets as readonly { readonly webSocketDebuggerUrl: string }[];
      if (target !== undefined) return target.webSocketDebuggerUrl;
      await after(lookEveryMs);
    }
    throw new Error(`the inspector of ${pid} did not open`);
  }
}

const ask = (
  socket: WebSocket,
  request: { readonly id: number; readonly [key: string]: unknown },
) =>
  new Promise<Answer>((resolve, reject) => {
    const hear = ({ data }: MessageEvent): void => {
      const answer = JSON.parse(String(data)) as Answer;
      if (answer.id !== request.id) return;
      socket.removeEventListener('message', hear);
      resolve(answer);
    };
    socket.addEventListener('message', hear);
    socket.addEventListener('close', () => reject(new Error('the inspector hung up')));
    socket.send(JSON.stringify(request));
  });
