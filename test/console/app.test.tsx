import { render } from 'ink-testing-library';
import { describe, expect, test, vi } from 'vitest';
import type { Snapshot } from '../../src/protocol/control/messages.ts';
import { PlainScreen } from '../../src/tui/ink/frame.tsx';
import { Session } from '../../src/tui/session.ts';
import { KeyDecoder } from '../../src/tui/terminal/key-decoder.ts';
import { type Answers, type FixedSupervisor, serveFixed } from '../helpers/supervisor.ts';
import { calm, plan, relieved, rush, scaled, scaleUp } from './shop.ts';

type Options = Omit<Answers, 'snapshot'> & { readonly readOnly?: boolean };

type Console = AsyncDisposable & {
  readonly supervisor: FixedSupervisor;
  readonly type: (keys: string) => void;
  readonly resize: (columns: number, rows: number) => void;
  /** Resolves with the frame as soon as it matches. */
  readonly shows: (pattern: RegExp | string) => Promise<string>;
};

const size = { columns: 120, rows: 36 };
const theme = { ascii: false, color: false };
const everyMs = 200;

/** The component on a session of its own, with a supervisor that has `snapshot` to tell. */
const openConsole = async (snapshot: Snapshot, options: Options = {}): Promise<Console> => {
  const { readOnly = false, ...answers } = options;
  const supervisor = await serveFixed({ snapshot, ...answers });
  const session = new Session({ socketPath: supervisor.socketPath, readOnly, everyMs });
  await session.open();
  const ink = render(<PlainScreen session={session} theme={theme} />);
  const decoder = new KeyDecoder();
  const type = (keys: string): void => {
    for (const input of [...decoder.push(keys), ...decoder.flush()]) {
      if (input.type === 'key') session.key(input.name);
      if (input.type === 'paste') session.paste(input.text);
    }
  };
  const resize = (columns: number, rows: number): void => {
    Object.defineProperty(ink.stdout, 'columns', { value: columns, configurable: true });
    Object.defineProperty(ink.stdout, 'rows', { value: rows, configurable: true });
    ink.stdout.emit('resize');
  };
  resize(size.columns, size.rows);
  return {
    supervisor,
    type,
    resize,
    shows: async (pattern) => {
      await vi.waitFor(() => expect(ink.lastFrame()).toMatch(pattern), { timeout: 30_000 });
      return ink.lastFrame() ?? '';
    },
    [Symbol.asyncDispose]: async () => {
      ink.unmount();
      session.quit();
      await supervisor[Symbol.asyncDispose]();
    },
  };
};

const selected = (name: string): RegExp => new RegExp(`▸. ${name} `);

describe('advice', () => {
  test('is accepted by a and y, and the supervisor is asked for just that', async () => {
    await using top = await openConsole(rush, { plan, action: scaled });
    await top.shows('scale_up orders 1 → 2 workers');
    top.type('a');
    await top.shows('PLAN  Scale orders from 1 to 2 workers');
    top.type('y');
    await top.shows('done: scale orders to 2; its effect is being measured');
    expect(top.supervisor.asked).toEqual([
      { method: 'plan', params: { recommendation: scaleUp.id } },
      {
        method: 'accept',
        params: { id: expect.any(String), recommendation: scaleUp.id, workers: 2 },
      },
    ]);
  });

  test('is not accepted when enter is pressed on a plan that was just opened', async () => {
    await using top = await openConsole(rush, { plan, action: scaled });
    top.type('a');
    await top.shows('[ Cancel ]');
    top.type('\r');
    await top.shows('cancelled, nothing was changed');
    expect(top.supervisor.asked.map(({ method }) => method)).toEqual(['plan']);
  });

  test('that the supervisor refuses is told with its reason', async () => {
    await using top = await openConsole(rush);
    top.type('a');
    await top.shows('plan is refused here');
  });

  test('is dismissed by d, and the last action undone by u', async () => {
    const both = { ...rush, actions: relieved.actions };
    await using top = await openConsole(both, { action: { ...scaled, to: scaled.from } });
    top.type('dw');
    await top.shows('dismissed: wrong');
    top.type('u');
    await top.shows('PLAN  Undo scale orders');
    top.type('y');
    await top.shows('undone: scale orders to 1');
    expect(top.supervisor.asked.map(({ method }) => method)).toEqual(['dismiss', 'undo']);
  });

  test('cannot be accepted by a console that only watches', async () => {
    await using top = await openConsole(rush, { plan, action: scaled, readOnly: true });
    await top.shows('READ-ONLY');
    top.type('a');
    await top.shows('a: this console only watches');
    expect(top.supervisor.asked).toEqual([]);
  });
});

describe('keys', () => {
  test('that arrive in one read count each', async () => {
    await using top = await openConsole(rush);
    top.type('jj');
    await top.shows(selected('catalog'));
    top.type('jjjk\r');
    await top.shows('main, with users, catalog, search');
  });

  test('with a name are known: arrows, ends, escape, enter', async () => {
    await using top = await openConsole(rush);
    top.type('\u001B[B');
    await top.shows(selected('users'));
    top.type('\u001B[F');
    await top.shows(selected('mailer'));
    top.type('\r');
    await top.shows('WORKERS');
    top.type('\u001B');
    await top.shows(selected('mailer'));
  });

  test('held with ctrl are not the letter alone', async () => {
    await using top = await openConsole(rush, { plan });
    top.type('\u0001');
    await top.shows('ctrl-a: no such key here');
    expect(top.supervisor.asked).toEqual([]);
  });

  test('are not taken from what is pasted', async () => {
    await using top = await openConsole(rush, { plan });
    top.type('\u001B[200~ay\u001B[201~');
    await top.shows('pasted text is not taken for keys');
    expect(top.supervisor.asked).toEqual([]);
  });

  test('of a filter narrow the table', async () => {
    await using top = await openConsole(rush);
    top.type('/ord');
    const frame = await top.shows('filter: ord_');
    expect(frame).toMatch(selected('orders'));
    expect(frame).not.toContain('gateway');
    top.type('x\r');
    await top.shows('no service fits "ordx", escape clears it');
  });
});

describe('the figures', () => {
  test('are those of the last snapshot', async () => {
    await using top = await openConsole(rush);
    await top.shows('1◆ 0▲');
    top.supervisor.show(calm);
    await top.shows('no service is under pressure');
  });

  test('are said to be old when the supervisor is silent, until it speaks again', async () => {
    await using top = await openConsole(rush);
    top.supervisor.fallSilent();
    const frame = await top.shows('the supervisor is silent; these figures are old');
    expect(frame).toContain('▲ LATE');
    top.supervisor.show(rush);
    await top.shows('● LIVE');
  });

  test('stay on the screen when the supervisor is gone, until another one answers', async () => {
    await using top = await openConsole(rush);
    await top.supervisor.close();
    await top.shows('no supervisor answers, trying again');
    const frame = await top.shows(/trying again for [2-9] s; these figures are old/);
    expect(frame).toContain('◆ LOST');
    expect(frame).toContain('orders');
    top.supervisor.show(calm);
    await top.supervisor.open();
    expect(await top.shows('● LIVE')).toContain('no service is under pressure');
  });

  test('fit another size of the window', async () => {
    await using top = await openConsole(rush);
    await top.shows('GROUP');
    top.resize(80, 24);
    const frame = await top.shows(/^(?![\s\S]*GROUP)[\s\S]*ADVICE/);
    expect(frame.split('\n')).toHaveLength(24);
  });
});
