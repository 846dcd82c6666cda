import type { Host } from './host.ts';

type Elsewhere = { readonly host: string; readonly app?: string };

/** Ways to other machines that an open console asks for; all are closed with it. */
export class Hosts implements AsyncDisposable {
  readonly #open = new Map<string, Promise<Host>>();

  /** Where an app answers; a way that stands is used again. */
  readonly reach = async ({ host, ...target }: Elsewhere): Promise<string> => {
    const key = JSON.stringify([host, target.app]);
    const opening = this.#open.get(key) ?? openSilently(host, target);
    this.#open.set(key, opening);
    try {
      return (await opening).socketPath;
    } catch (error) {
      this.#open.delete(key);
      throw error;
    }
  };

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = await Promise.allSettled(this.#open.values());
    const hosts = opened.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    await Promise.all(hosts.map((host) => host[Symbol.asyncDispose]()));
  }
}

/** What it takes to get there is loaded only by who goes there: a console is to open at once. */
const openSilently = async (host: string, target: Pick<Elsewhere, 'app'>): Promise<Host> => {
  const { openHost } = await import('./host.ts');
  return openHost(host, target, { mayAsk: false });
};
