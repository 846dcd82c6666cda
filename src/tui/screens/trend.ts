import type { State } from '../state/state.ts';
import { type Trend, trendOf } from '../state/trend.ts';

/** The last minutes of a service up to now, or to the moment that is shown; undefined until they are read. */
export const trendIn = ({ trend, replay }: State, service: string): Trend | undefined => {
  if (replay === undefined) return trend?.service === service ? trend : undefined;
  return replay.tape === undefined ? undefined : trendOf(service, replay.tape.history, replay.at);
};
