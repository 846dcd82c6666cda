import { modeOf } from '../../protocol/autopilot.ts';
import { isolatedGroup } from '../../protocol/topology.ts';
import type { Overrides } from '../topology/placement.ts';
import type { AppConfig } from './app-config.ts';

/** One thing that operators changed against the config, in the config's own words. */
export type Difference = {
  readonly service: string;
  readonly key: 'group' | 'workers';
  readonly from: string | number;
  readonly to: string | number;
};

/** What operators changed that no config can say: it stays theirs. */
export type Word = {
  readonly service?: string;
  readonly key: 'autopilot' | 'state';
  readonly from: string;
  readonly to: string;
};

/** What would have to be written into the config for it to say what runs. */
export const configDiff = (
  { services }: Pick<AppConfig, 'services'>,
  overrides: Overrides,
): readonly Difference[] =>
  services.flatMap(({ name, group, workers }) => {
    const moved = overrides.groups[name];
    const scaled = overrides.workers[moved ?? group];
    return [
      ...(moved === undefined
        ? []
        : [{ service: name, key: 'group', from: group, to: moved } as const]),
      ...(scaled === undefined
        ? []
        : [{ service: name, key: 'workers', from: workers.initial, to: scaled } as const]),
    ];
  });

/** What operators said that `forge config adopt` does not write. */
export const operatorWords = (
  { advisor, services }: Pick<AppConfig, 'advisor' | 'services'>,
  { autopilot, stopped = {} }: Overrides,
): readonly Word[] => {
  const asked = modeOf(advisor.scaling.autoExecute);
  const isChosen = autopilot !== undefined && autopilot !== asked;
  return [
    ...services
      .filter(({ name }) => stopped[name] !== undefined)
      .map(
        ({ name }) => ({ service: name, key: 'state', from: 'running', to: 'stopped' }) as const,
      ),
    ...(isChosen ? [{ key: 'autopilot', from: asked, to: autopilot } as const] : []),
  ];
};

/** A service alone has no group in the config. */
export const isAlone = ({ service, to }: Difference): boolean => to === isolatedGroup(service);
