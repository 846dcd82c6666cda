import { expect, test } from 'vitest';
import { linesOf, valuesOf } from '../../../src/advisor/signals/signals.ts';
import type { ServiceView } from '../../../src/advisor/view.ts';
import { signals } from '../../../src/protocol/advice.ts';
import { defaultThresholds } from '../../../src/protocol/thresholds.ts';
import { Random } from '../../../src/simulator/random.ts';
import { calm, lasting, play, serviceView, splitOf } from '../../helpers/advisor.ts';

type Node = {
  readonly name: string;
  readonly ownMs: number;
  readonly tail: number;
  readonly busy: number;
  readonly errorRate: number;
  readonly workers: number;
  readonly isElsewhere: boolean;
  /** Callee → how often, and what a call takes beside the time of the callee. */
  readonly calls: ReadonlyMap<string, { readonly count: number; readonly wayMs: number }>;
};

/** Each calls some of those after it, and now and then one before it. */
const graphOf = (random: Random): readonly Node[] => {
  const count = 3 + random.index(6);
  return Array.from({ length: count }, (_, index) => {
    const callees = Array.from({ length: count }, (_, other) => other).filter(
      (other) => other !== index && random.next() < (other > index ? 0.4 : 0.05),
    );
    return {
      name: `s${index}`,
      ownMs: random.between(1, 8),
      tail: random.between(1.2, 3),
      busy: random.between(5, 50),
      errorRate: 0,
      workers: 1 + random.index(3),
      isElsewhere: false,
      calls: new Map(callees.map((other) => [`s${other}`, { count: 1, wayMs: 0.5 }])),
    };
  });
};

type Change = (node: Node, random: Random) => Node;

/** Its first callee is called like this from now on. */
const callingNow =
  (edge: { readonly count: number; readonly wayMs: number }): Change =>
  (node) => {
    const [first] = node.calls.keys();
    return first === undefined
      ? { ...node, ownMs: 400 }
      : { ...node, calls: new Map([...node.calls, [first, edge]]) };
  };

const changes: readonly Change[] = [
  (node, random) => ({ ...node, ownMs: random.between(20, 900) }),
  (node) => ({ ...node, workers: 0 }),
  (node, random) => ({ ...node, errorRate: random.between(0.02, 1) }),
  (node, random) => ({ ...node, busy: random.between(85, 100) }),
  callingNow({ count: 60, wayMs: 0.5 }),
  callingNow({ count: 1, wayMs: 300 }),
];

/** Up to three things go wrong, anywhere, and one service may be where nobody looks. */
const spoilt = (nodes: readonly Node[], random: Random): readonly Node[] => {
  let all = nodes;
  for (let turn = random.index(3); turn >= 0; turn -= 1) {
    const at = random.index(all.length);
    const change = changes[random.index(changes.length)];
    all = all.map((node, index) => (index === at && change ? change(node, random) : node));
  }
  const hidden = random.next() < 0.3 ? random.index(all.length) : -1;
  return all.map((node, index) => (index === hidden ? { ...node, isElsewhere: true } : node));
};

const viewsOf = (nodes: readonly Node[]): readonly ServiceView[] => {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  /** Whoever is called back in a circle does not call on. */
  const meanMs = (node: Node, above: readonly string[] = []): number => {
    const called = [...node.calls].map(([name, { count, wayMs }]) => {
      const callee = byName.get(name);
      if (callee === undefined || above.includes(name)) return 0;
      return count * (wayMs + meanMs(callee, [...above, node.name]));
    });
    return called.reduce((sum, each) => sum + each, node.ownMs);
  };
  const waitFor = (node: Node, name: string): number => {
    const callee = byName.get(name);
    const { count = 0, wayMs = 0 } = node.calls.get(name) ?? {};
    return callee === undefined ? 0 : count * (wayMs + meanMs(callee, [node.name]));
  };
  /** What fails in a callee fails its callers, with the part that is asked there. */
  const failedIn = (node: Node, above: readonly string[] = []): number =>
    Math.max(
      node.errorRate,
      ...[...node.calls.keys()].map((name) => {
        const callee = byName.get(name);
        if (callee === undefined || above.includes(name)) return 0;
        return callee.workers === 0 ? 1 : failedIn(callee, [...above, node.name]);
      }),
    );
  return nodes
    .filter(({ isElsewhere }) => !isElsewhere)
    .map((node) => {
      const names = [...node.calls.keys()];
      const p99 = meanMs(node) * node.tail;
      return serviceView(node.name, {
        workers: node.workers,
        busy: node.busy,
        p99,
        errorRate: failedIn(node),
        pending: Math.round((20 * meanMs(node)) / 1_000),
        completionsPerSecond: node.workers === 0 ? 0 : 20,
        lastSecond: { arrivals: 20, completions: 20, p99Ms: p99, errorRate: failedIn(node) },
        split: {
          cpuMs: 1,
          loopWaitMs: 0,
          externalMs: node.ownMs - 1,
          downstreamMs: Object.fromEntries(names.map((name) => [name, waitFor(node, name)])),
          calls: Object.fromEntries([...node.calls].map(([name, { count }]) => [name, count])),
        },
      });
    });
};

/** Longer than a caller leaves a case to a callee of which nothing is said. */
const troubleSeconds = 40;

/** Services with a signal that has been critical all the time, of which nobody is told anything. */
const untold = (seed: number): readonly string[] => {
  const random = new Random(seed);
  const usual = graphOf(random);
  const now = viewsOf(spoilt(usual, random));
  const isKnown = random.next() < 0.7;
  const trouble = { ...lasting(troubleSeconds, ...now), cores: 64, cpu: 20 };
  const scenes = isKnown
    ? [{ ...calm(...viewsOf(usual)), cores: 64, cpu: 20 }, trouble]
    : [trouble];
  const { last, memory } = play(scenes);
  const told = new Set(last.recommendations.map(({ service }) => service));
  return now
    .filter(({ service, workers }) => workers > 0 && !told.has(service))
    .filter(({ service }) => {
      const { points = [], held = {} } = memory.services[service] ?? {};
      const point = points.at(-1);
      return signals.some((signal) => {
        const since = held[signal];
        if (point === undefined || since === undefined || point.at - since < 30_000) return false;
        return valuesOf(point)[signal] >= linesOf(defaultThresholds)[signal].critical;
      });
    })
    .flatMap(({ service }) => {
      const because = last.notAdvised.find((one) => one.service === service)?.because ?? 'nothing';
      const named = because.match(/\bs\d+\b/g) ?? [];
      return named.some((name) => told.has(name)) ? [] : [`${seed}: ${service}: ${because}`];
    });
};

test('whoever is in trouble for long is told of, or whoever its refusal names', () => {
  const seeds = Array.from({ length: 200 }, (_, seed) => seed + 1);
  expect(seeds.flatMap(untold)).toEqual([]);
});

test('a service that fails from its first request on is critical, and no line is to be raised for it', () => {
  const shop = serviceView('shop', {
    p99: 600,
    errorRate: 1,
    lastSecond: { arrivals: 20, completions: 20, p99Ms: 600, errorRate: 1 },
    split: splitOf({ downstreamMs: { stock: 580 } }),
  });
  const { last } = play([lasting(40, shop, serviceView('stock', { workers: 0 }))]);
  const [advice] = last.recommendations;
  expect(advice?.reason).toContain('none of the workers of stock is ready');
  expect(advice).toMatchObject({
    severity: 'critical',
    steps: ['Look at why: `forge logs stock`'],
  });
});
