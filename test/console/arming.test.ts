import { expect, test } from 'vitest';
import { type Millis, ms } from '../../src/protocol/units.ts';
import { Session } from '../../src/tui/session.ts';
import type { State } from '../../src/tui/state/state.ts';
import { type FixedSupervisor, serveFixed } from '../helpers/supervisor.ts';
import { plan, rush, scaled } from './shop.ts';

type Watching = AsyncDisposable & {
  readonly session: Session;
  readonly supervisor: FixedSupervisor;
  readonly until: (isSo: (state: State) => boolean) => Promise<void>;
};

/** A console that was opened to watch. */
const watchOnly = async (armedMs?: Millis): Promise<Watching> => {
  const supervisor = await serveFixed({ snapshot: rush, plan, action: scaled });
  const { socketPath } = supervisor;
  const session = new Session({
    socketPath,
    readOnly: true,
    everyMs: ms(100),
    ...(armedMs === undefined ? {} : { armedMs }),
  });
  await session.open();
  return {
    session,
    supervisor,
    until: (isSo) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!isSo(session.state())) return;
          unsubscribe();
          resolve();
        };
        const unsubscribe = session.subscribe(look);
        look();
      }),
    [Symbol.asyncDispose]: async () => {
      session.quit();
      await supervisor[Symbol.asyncDispose]();
    },
  };
};

test('a console that only watches acts while it is armed, and no longer', async () => {
  await using watching = await watchOnly();
  const { session, supervisor, until } = watching;
  session.key('a');
  expect(session.state().notice).toBe('a: this console only watches (--read-only)');

  session.key('W');
  await until(({ readOnly }) => !readOnly);
  session.key('a');
  await until(({ dialog }) => dialog.type === 'plan');
  session.key('y');
  await until(({ notice }) => notice.startsWith('done: scale orders'));
  expect(supervisor.asked.map(({ method }) => method)).toEqual(['plan', 'accept']);

  session.key('W');
  await until(({ notice }) => notice === 'this console only watches again');
  expect(session.state().readOnly).toBe(true);
  session.key('a');
  expect(session.state().notice).toBe('a: this console only watches (--read-only)');
});

test('when it is armed no more the supervisor refuses it as well', async () => {
  await using watching = await watchOnly();
  const { session, supervisor, until } = watching;
  session.key('W');
  await until(({ readOnly }) => !readOnly);
  session.key('W');
  await until(({ notice }) => notice === 'this console only watches again');

  // As if the console had a hole.
  session.change((state) => ({
    ...state,
    readOnly: false,
    snapshot: { ...rush, actions: [{ ...scaled, undo: 'forge undo' }] },
  }));
  session.key('u');
  session.key('y');
  await until(({ notice }) => notice.includes('may not'));
  expect(session.state().notice).toBe('A viewer may not undo');
  expect(supervisor.asked).toEqual([]);
});

test('it is armed for a while, and then only watches again by itself', async () => {
  await using watching = await watchOnly(ms(1));
  const { session, until } = watching;
  session.key('W');
  await until(({ notice }) => notice === 'this console only watches again');
  expect(session.state().readOnly).toBe(true);
  expect(session.state().armedUntil).toBeUndefined();
});

test('it stays as it is where no supervisor lets it act', async () => {
  await using watching = await watchOnly();
  const { session, supervisor, until } = watching;
  await supervisor.close();
  await until(({ connection }) => connection === 'lost');
  session.key('W');
  await until(({ notice }) => notice.startsWith('No supervisor answers'));
  expect(session.state().readOnly).toBe(true);
});

test('armed for one app it only watches the next', async () => {
  await using watching = await watchOnly();
  await using other = await serveFixed({ snapshot: rush });
  const { session, until } = watching;
  session.change((state) => ({
    ...state,
    contexts: [
      { name: 'shop', place: { socketPath: session.socketPath } },
      { name: 'other', place: { socketPath: other.socketPath } },
    ],
  }));
  session.key('W');
  await until(({ readOnly }) => !readOnly);
  session.key('c');
  session.key('2');
  await until(({ readOnly }) => readOnly);
  expect(session.socketPath).toBe(other.socketPath);
});
