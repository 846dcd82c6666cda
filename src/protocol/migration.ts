import type { Plan } from './action.ts';
import type { Recommendation } from './advice.ts';

/** How a person moves a service to another machine: from one machine nothing of it can be carried out. */
export const migrationPlan = (
  service: string,
  { to, advice }: { readonly to: string; readonly advice: readonly Recommendation[] },
): Omit<Plan, 'request'> => {
  const known = advice.find((each) => each.service === service && each.action === 'migrate');
  return {
    title: `Move ${service} to ${to}, by hand`,
    steps: known?.steps ?? [
      `On ${to}: check out the app, and start it with \`forge start --headless --only ${service}\`.`,
      `Here: replace ${service} in forge.config by { type: 'remote', address: 'http://${to}:3000' }, and restart.`,
    ],
    undo: 'put the entry back into forge.config, and restart',
    command: `forge migrate ${service} --to ${to}`,
  };
};
