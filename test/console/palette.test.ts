import { describe, expect, test } from 'vitest';
import { completed, completions, explained } from '../../src/tui/keys/palette.ts';
import { press } from '../../src/tui/keys.ts';
import { initialState, type State, withSnapshot } from '../../src/tui/state/state.ts';
import { relieved, rush } from './shop.ts';

const start = withSnapshot(initialState(false), rush);

const typed = (state: State, ...names: readonly string[]) => {
  let step: ReturnType<typeof press> = { state };
  for (const name of names) step = press(step.state, name);
  return step;
};

const command = (text: string, state = start) => typed(state, ':', ...text, 'enter');

describe('a command', () => {
  test.each<readonly [string, string]>([
    ['sc', 'scale '],
    ['re', 're'],
    ['scale or', 'scale orders '],
    ['scale ', 'scale '],
    ['sort p9', 'sort p99 '],
    ['xyz', 'xyz'],
  ])('%j is completed to %j', (text, expected) => {
    expect(completed(start, text)).toBe(expected);
  });

  test('has the words that could follow', () => {
    expect(completions(start, 're')).toEqual(['restart', 'reload']);
    expect(completions(start, 'colocate users ')).toContain('orders');
    expect(completions(withSnapshot(start, relieved), 'undo ')).toEqual(['a-1']);
  });

  test('that changes the app says how a shell would say it', () => {
    expect(explained('scale orders 3')).toBe('forge scale orders 3');
    expect(explained('sort cpu')).toBe('order the services');
  });

  test('opens a plan, and does nothing by itself', () => {
    expect(command('scale orders 3').effect).toEqual({
      type: 'plan',
      targets: [{ request: { kind: 'scale', service: 'orders', workers: 3 } }],
    });
    expect(command('colocate users mailer').effect).toEqual({
      type: 'plan',
      targets: [{ request: { kind: 'colocate', service: 'users', with: ['mailer'] } }],
    });
  });

  test('says how often a frame is drawn', () => {
    expect(command('every 500ms').effect).toEqual({ type: 'pace', everyMs: 500 });
    for (const wrong of ['every', 'every soon', 'every 100ms', 'every 1min']) {
      expect(command(wrong).effect).toBeUndefined();
      expect(command(wrong).state.notice).toBe('write: every TIME, from 200ms to 10s');
    }
  });

  test.each([
    ['scale ordres 3', 'there is no service ordres'],
    ['scale orders many', 'write: scale SERVICE WORKERS'],
    ['scale orders 0', 'write: scale SERVICE WORKERS'],
    ['make tea', 'no command make: tab lists them'],
    ['sort colour', 'write: sort config|severity|name|cpu|p99|requests|errors|pending|memory'],
  ])('%s is answered with: %s', (text, notice) => {
    const { state, effect } = command(text);
    expect(effect).toBeUndefined();
    expect(state.notice).toBe(notice);
  });

  test('of a console that only watches changes nothing', () => {
    const { state, effect } = command('scale orders 3', { ...start, readOnly: true });
    expect(effect).toBeUndefined();
    expect(state.notice).toContain('only watches');
  });

  test('is found again with the arrows, the newest first', () => {
    const { state } = command('sort p99', command('sort cpu').state);
    expect(typed(state, ':', 'up').state.prompt?.text).toBe('sort p99');
    expect(typed(state, ':', 'up', 'up').state.prompt?.text).toBe('sort cpu');
    expect(typed(state, ':', 'up', 'up', 'down').state.prompt?.text).toBe('sort p99');
  });

  test('goes where it says', () => {
    expect(command('open billing').state.view).toMatchObject({ type: 'service', name: 'billing' });
    expect(command('logs users orders').state.view).toEqual({
      type: 'logs',
      services: ['users', 'orders'],
    });
    expect(command('filter cpu>50').state.filter).toBe('cpu>50');
    expect(command('quit').effect).toEqual({ type: 'quit' });
  });
});
