import type { Figures } from '../../test/fixtures/apps/calls/drive.ts';
import { startWatt } from '../watt/start.ts';
import type { Contender } from './contender.ts';

/** Two services of one app, which asks the other by `fetch` over its mesh or by a message. */
export const startWattBy = async (way: 'fetch' | 'messaging'): Promise<Contender> => {
  const running = await startWatt('watt.json', `/${way}`);
  return {
    name: `Watt ${way}`,
    drive: async (job) => {
      const response = await fetch(running.url, { method: 'POST', body: JSON.stringify(job) });
      if (!response.ok) throw new Error(`${running.url} said ${response.status}`);
      return (await response.json()) as Figures;
    },
    [Symbol.asyncDispose]: () => running.stop(),
  };
};
