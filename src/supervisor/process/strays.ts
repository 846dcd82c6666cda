import { processStart } from '../../sdk/channel/process-start.ts';
import type { Hello } from './channel.ts';
import { signalGroup } from './signal.ts';

/** Workers of the run that nobody knows, because what was noted of them is damaged. */
export class Strays {
  readonly #pids = new Set<number>();

  /** Has one drain and end, as soon as others have taken its place. A guest is not ours to end. */
  end(hello: Hello, settled: Promise<void>): undefined {
    const { type, pid } = hello;
    if (type !== 'hello' || hello.isGuest || this.#pids.has(pid)) return;
    this.#pids.add(pid);
    const started = processStart(pid);
    const end = (): void => {
      if (started !== undefined && processStart(pid) === started) signalGroup(pid, 'SIGTERM');
    };
    settled.then(end, end);
  }
}
