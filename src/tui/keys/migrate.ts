import { migrationPlan } from '../../protocol/migration.ts';
import { type State, said } from '../state/state.ts';
import { type Step, stay } from './key.ts';

/** By hand, as everything on another machine: it is read, and nothing can be applied. */
export const toMigration = (state: State, service: string, to: string): Step => {
  if (service === '' || to === '') return stay(said(state, 'no machine was named'));
  const { recommendations: advice = [] } = state.snapshot?.advice ?? {};
  const plan = migrationPlan(service, { to, advice });
  return stay({ ...state, dialog: { type: 'plan', items: [{ plan }], apply: false, isDry: true } });
};
