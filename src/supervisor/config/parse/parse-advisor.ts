import { defaultLimits } from '../../../advisor/autopilot/limits.ts';
import { type AutoExecute, autopilotKinds } from '../../../protocol/autopilot.ts';
import { defaultThresholds, type Line, type Thresholds } from '../../../protocol/thresholds.ts';
import { days, ms, seconds } from '../../../protocol/units.ts';
import type { AdvisorConfig } from '../app-config.ts';
import type { Place } from './config-place.ts';

export const parseAdvisor = (place: Place): AdvisorConfig => {
  place.keys(['evaluationIntervalMs', 'cooldownMs', 'thresholds', 'scaling']);
  return {
    evaluationIntervalMs: ms(place.at('evaluationIntervalMs').number(100) ?? seconds(30)),
    cooldownMs: ms(place.at('cooldownMs').number(0) ?? seconds(120)),
    thresholds: parseThresholds(place.at('thresholds')),
    scaling: parseScaling(place.at('scaling')),
  };
};

const parseScaling = (place: Place): AdvisorConfig['scaling'] => {
  place.keys(['autoExecute', 'limits']);
  const limits = place.at('limits');
  limits.keys(['actionsPerHour', 'workers', 'cores', 'memory']);
  const workers = limits.at('workers').whole(1);
  const cores = limits.at('cores').number(0.1);
  const memory = limits.at('memory').size();
  return {
    autoExecute: parseAutoExecute(place.at('autoExecute')),
    limits: {
      actionsPerHour: limits.at('actionsPerHour').whole(1) ?? defaultLimits.actionsPerHour,
      ...(workers !== undefined && { workers }),
      ...(cores !== undefined && { cores }),
      ...(memory !== undefined && { memory }),
    },
  };
};

/** One flag is that of every kind. */
const parseAutoExecute = (place: Place): AutoExecute => {
  const all = typeof place.value === 'object' ? undefined : place.flag();
  if (all === undefined) place.keys(autopilotKinds);
  return Object.fromEntries(
    autopilotKinds.map((kind) => [kind, all ?? place.at(kind).flag() ?? false]),
  );
};

const parseThresholds = (place: Place): Thresholds => {
  place.keys(Object.keys(defaultThresholds));
  const { cpu, latencyP99, pending, memory, errors, underutilized } = defaultThresholds;
  const idle = place.at('underutilized');
  idle.keys(Object.keys(underutilized));
  return {
    cpu: {
      ...parseLine(place.at('cpu'), cpu),
      scaleDown: place.at('cpu').at('scaleDown').number(0) ?? cpu.scaleDown,
    },
    latencyP99: parseLine(place.at('latencyP99'), latencyP99),
    pending: parseLine(place.at('pending'), pending),
    memory: parseLine(place.at('memory'), memory),
    errors: parseLine(place.at('errors'), errors),
    underutilized: {
      cpu: idle.at('cpu').number(0) ?? underutilized.cpu,
      duration: idle.at('duration').duration(ms(0), days(7)) ?? underutilized.duration,
    },
  };
};

const parseLine = (place: Place, fallback: Line): Line => {
  place.keys(Object.keys(fallback));
  const warning = place.at('warning').number(0);
  const critical = place.at('critical').number(0);
  // A line given alone pulls the default of the other one along rather than crossing it.
  const line = {
    warning: warning ?? Math.min(fallback.warning, critical ?? fallback.warning),
    critical: critical ?? Math.max(fallback.critical, warning ?? fallback.critical),
  };
  if (line.warning <= line.critical) return line;
  throw place.invalid('has its warning above its critical line', 'Exchange the two numbers.');
};
