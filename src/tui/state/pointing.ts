import { scrolled } from './logs.ts';
import { moved, type State, selecting, visibleServices } from './state.ts';

/** Columns before the name of a service in its row. */
const lead = 3;

/** A click on a row of the table; elsewhere it means nothing. */
export const clicked = (state: State, row: string): State => {
  if (state.view.type !== 'main' || state.dialog.type !== 'none') return state;
  const [name = ''] = row.slice(lead).split(' ');
  const index = visibleServices(state).findIndex((service) => service.name === name);
  return index < 0 ? state : selecting(state, index);
};

/** One turn of the wheel, down with a positive number. */
export const wheeled = (state: State, by: number): State => {
  if (state.dialog.type !== 'none') return state;
  if (state.view.type === 'logs') return { ...state, logs: scrolled(state.logs, -3 * by) };
  return state.view.type === 'main' ? moved(state, by) : state;
};
