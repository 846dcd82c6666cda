import { type Millis, ms, seconds } from '../../protocol/units.ts';
import type { AppConfig } from '../config/app-config.ts';
import { startLevels } from './dependencies.ts';

/** How long the ingress may take to answer what it has accepted. */
export const ingressStop = seconds(10);

/** The ingress goes first, then level after level: an app takes at most as long as all of them. */
export const longestStop = ({ services }: Pick<AppConfig, 'services'>): Millis => {
  const alone = services.map(({ name }) => ({ group: name, services: [name], workers: 1 }));
  const levels = startLevels(alone, services).map((names) =>
    Math.max(
      ...services.filter(({ name }) => names.includes(name)).map(({ timeouts }) => timeouts.stop),
    ),
  );
  return ms(levels.reduce((sum, stop) => sum + stop, ingressStop));
};
