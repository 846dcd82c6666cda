import { describe, expect, test } from 'vitest';
import type { Priority } from '../../../src/protocol/contract.ts';
import { Gate } from '../../../src/sdk/front/admission/gate.ts';
import { firstLimit, type Limit, nextLimit } from '../../../src/sdk/front/admission/limit.ts';
import { Line } from '../../../src/sdk/front/admission/line.ts';

const took = (ms: number, times = 20) =>
  new Map([['GET a', Array.from({ length: times }, () => ms)]]);

/**
 * Periods of a service with one core: what is under way shares it, up to the limit, and so much is
 * always waiting for a place.
 */
const underLoad = (limit: Limit, callMs: number, periods: number): Limit => {
  let now = limit;
  for (let period = 0; period < periods; period += 1) {
    const under = Math.floor(now.most);
    now = nextLimit(now, { tookMs: took(callMs * under), peak: under }, 2);
  }
  return now;
};

describe('the limit of a service', () => {
  const calm = nextLimit(firstLimit, { tookMs: took(5), peak: 1 }, 2);

  test('stays as it is while nobody makes use of it', () => {
    expect(calm.most).toBe(firstLimit.most);
    expect(calm.usual.get('GET a')).toBe(5);
  });

  test('falls to what one core does in twice the usual time, and stays there under lasting load', () => {
    expect(underLoad(calm, 5, 20).most).toBeLessThan(4);
    const later = underLoad(calm, 5, 2_000);
    expect(later.most).toBeGreaterThanOrEqual(1);
    expect(later.most).toBeLessThan(4);
    expect(later.usual.get('GET a')).toBeLessThan(10.5);
  });

  test('rises within a second to what a service that waits for others can have under way', () => {
    let limit = calm;
    for (let period = 0; period < 10; period += 1) {
      limit = nextLimit(limit, { tookMs: took(5), peak: Math.floor(limit.most) }, 2);
    }
    expect(limit.most).toBeGreaterThan(100);
  });

  test('rises again when a new version takes longer by itself', () => {
    const slower = underLoad(calm, 50, 300);
    expect(slower.usual.get('GET a')).toBeGreaterThan(25);
    expect(slower.most).toBeGreaterThanOrEqual(1);
  });

  test('does not take a mix of slow and quick calls for slowness', () => {
    const mix = new Map([
      ['GET quick', Array.from({ length: 20 }, () => 2)],
      ['GET slow', Array.from({ length: 20 }, () => 400)],
    ]);
    const first = nextLimit(firstLimit, { tookMs: mix, peak: 20 }, 2);
    expect(nextLimit(first, { tookMs: mix, peak: 24 }, 2).most).toBeGreaterThan(firstLimit.most);
  });
});

describe('those who wait', () => {
  const standing = (into: string[], name: string, priority: Priority = 'normal') => ({
    priority,
    since: 1,
    admit: () => into.push(name),
    refuse: () => into.push(`no ${name}`),
  });

  test('are admitted by priority, and in the order in which they came', () => {
    const seen: string[] = [];
    const line = new Line(10);
    line.join(standing(seen, 'a'));
    line.join(standing(seen, 'least', 'low'));
    line.join(standing(seen, 'b'));
    line.join(standing(seen, 'first', 'high'));
    while (line.admit('first'));
    expect(seen).toEqual(['first', 'a', 'b', 'least']);
  });

  test('are admitted from behind when the line never empties', () => {
    const seen: string[] = [];
    const line = new Line(10);
    for (const name of ['a', 'b', 'c']) line.join(standing(seen, name));
    line.admit('last');
    line.expire(2);
    expect(seen).toEqual(['c', 'no a', 'no b']);
    expect(line.length).toBe(0);
  });

  test('give their place to somebody more important when there is none left', () => {
    const seen: string[] = [];
    const line = new Line(2);
    line.join(standing(seen, 'a'));
    line.join(standing(seen, 'least', 'low'));
    line.join(standing(seen, 'high', 'high'));
    line.join(standing(seen, 'b'));
    line.join(standing(seen, 'low', 'low'));
    expect(seen).toEqual(['no least', 'no b', 'no low']);
    line.join(standing(seen, 'higher', 'high'));
    expect(seen.at(-1)).toBe('no a');
  });
});

test('a gate refuses who waited in vain, and lets others in as places get free', async () => {
  const gate = new Gate('users', 2);
  const entry = { kind: 'GET a', priority: 'normal' } as const;
  const inside = await Promise.all(Array.from({ length: 20 }, () => gate.enter(entry)));
  const next = gate.enter(entry);
  inside[0]?.(true);
  const leave = await next;
  await expect(gate.enter(entry)).rejects.toMatchObject({ code: 'OVERLOADED' });
  leave(true);
  for (const each of inside.slice(1)) each(true);
});
