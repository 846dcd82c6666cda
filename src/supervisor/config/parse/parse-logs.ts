import { days, megabytes, percent, seconds } from '../../../protocol/units.ts';
import type { LogsConfig } from '../app-config.ts';
import type { Place } from './config-place.ts';

export const defaultLogs: LogsConfig = {
  maxSize: megabytes(16),
  maxAge: days(7),
  budget: megabytes(1_024),
  minFree: percent(5),
};

export const parseLogs = (place: Place): LogsConfig => {
  place.keys(Object.keys(defaultLogs));
  const logs = {
    maxSize: place.at('maxSize').size() ?? defaultLogs.maxSize,
    maxAge: place.at('maxAge').duration(seconds(1), days(3_650)) ?? defaultLogs.maxAge,
    budget: place.at('budget').size() ?? defaultLogs.budget,
    minFree: percent(place.at('minFree').number(0, 50) ?? defaultLogs.minFree),
  };
  if (logs.maxSize < megabytes(1)) {
    throw place.at('maxSize').invalid('is less than 1 MB', "Write a size such as '16MB'.");
  }
  if (logs.budget < 2 * logs.maxSize) {
    throw place
      .at('budget')
      .invalid('is less than twice logs.maxSize', 'Raise it, or lower logs.maxSize.');
  }
  return logs;
};
