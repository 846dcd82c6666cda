import type { Stream } from './arrivals.ts';

export type Scene = {
  readonly name: string;
  /** Which services there are, as `test/fixtures/apps/scenes` has them. */
  readonly layout: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Before, for as long as it takes to learn what is usual. */
  readonly before: readonly Stream[];
  readonly trouble: (databasePort: number) => readonly Stream[];
  readonly seconds: number;
  /** One of these must come first; none when nothing may come. */
  readonly right: readonly string[];
};

const to = (path: string, perSecond: number): Stream => ({ path, perSecond });
const calmApi = [to('/api?hold=5', 20)];
const calmChain = [to('/front?path=mid,back&hold=2&outside=5', 20)];

/** Each kind of trouble that one machine can have without being full, and none. */
export const scenes: readonly Scene[] = [
  {
    name: 'calm',
    layout: 'chain',
    before: calmChain,
    trouble: () => calmChain,
    seconds: 90,
    right: [],
  },
  {
    name: 'slow as usual',
    layout: 'alone',
    before: [to('/api?outside=60', 20)],
    trouble: () => [to('/api?outside=60', 30)],
    seconds: 45,
    right: [],
  },
  {
    name: 'overload',
    layout: 'alone',
    before: calmApi,
    trouble: () => [to('/api?hold=10', 150)],
    seconds: 30,
    right: ['scale_up api'],
  },
  {
    name: 'at its limit',
    layout: 'alone',
    env: { MOST_WORKERS: '1' },
    before: calmApi,
    trouble: () => [to('/api?hold=10', 150)],
    seconds: 30,
    right: ['investigate api'],
  },
  {
    name: 'flash crowd',
    layout: 'alone',
    before: [to('/api?hold=4', 10)],
    trouble: () => [to('/api?hold=4', 500)],
    seconds: 30,
    right: ['scale_up api'],
  },
  {
    name: 'heavy requests',
    layout: 'alone',
    before: [to('/api?block=40', 3)],
    trouble: () => [to('/api?block=50', 28)],
    seconds: 30,
    right: ['scale_up api'],
  },
  {
    name: 'noisy neighbour',
    layout: 'group',
    before: [to('/one?hold=2', 30), to('/two?hold=2', 2)],
    trouble: () => [to('/one?hold=2', 30), to('/two?block=150', 3)],
    seconds: 40,
    right: ['split_out two'],
  },
  {
    name: 'full group',
    layout: 'group',
    before: [to('/one?hold=2', 30), to('/two?hold=2', 10)],
    trouble: () => [to('/one?hold=4', 60), to('/two?hold=12', 90)],
    seconds: 30,
    right: ['split_out two'],
  },
  {
    name: 'slow outside',
    layout: 'alone',
    before: [to('/api?hold=2&outside=10', 20)],
    trouble: () => [to('/api?hold=2&outside=400', 20)],
    seconds: 40,
    right: ['investigate api'],
  },
  {
    name: 'pool exhausted',
    layout: 'alone',
    before: calmApi,
    trouble: (port) => [to(`/api?hold=1&pool=${port}`, 50)],
    seconds: 40,
    right: ['investigate api'],
  },
  {
    name: 'slow callee',
    layout: 'chain',
    before: [to('/front?path=back&hold=2', 20)],
    trouble: () => [to('/front?path=back&hold=2&outside=400', 20)],
    seconds: 40,
    right: ['investigate back'],
  },
  {
    name: 'two hops away',
    layout: 'chain',
    before: calmChain,
    trouble: () => [to('/front?path=mid,back&hold=2&outside=400', 20)],
    seconds: 40,
    right: ['investigate back'],
  },
  {
    name: 'overloaded callee',
    layout: 'chain',
    before: calmChain,
    trouble: () => [to('/front?path=mid,back&hold=12', 120)],
    seconds: 30,
    right: ['scale_up back'],
  },
  {
    name: 'failing',
    layout: 'alone',
    before: calmApi,
    trouble: () => [to('/api?hold=5&fail=0.3', 20)],
    seconds: 30,
    right: ['investigate api'],
  },
  {
    name: 'failing callee',
    layout: 'chain',
    before: calmChain,
    trouble: () => [to('/front?path=mid,back&hold=2&outside=5&fail=0.5', 20)],
    seconds: 30,
    right: ['investigate back'],
  },
  {
    name: 'hot worker',
    layout: 'stuck',
    before: [],
    trouble: () => [to('/stuck?hold=2', 20)],
    seconds: 40,
    right: ['investigate stuck'],
  },
  {
    name: 'blocked loop',
    layout: 'idle',
    before: calmApi,
    trouble: () => [to('/api?hold=2', 20), to('/api?block=350', 0.5)],
    seconds: 60,
    right: ['investigate api'],
  },
  {
    name: 'memory at its line',
    layout: 'alone',
    env: { MEMORY_MB: '250' },
    before: calmApi,
    trouble: () => [to('/api?hold=2', 20), to('/api?leak=25', 1)],
    seconds: 30,
    right: ['investigate api'],
  },
  {
    name: 'leak',
    layout: 'alone',
    before: calmApi,
    trouble: () => [to('/api?hold=2', 10), to('/api?leak=1', 0.5)],
    seconds: 420,
    right: ['investigate api'],
  },
  {
    name: 'idle workers',
    layout: 'idle',
    env: { IDLE: '30 s' },
    before: [],
    trouble: () => [to('/api?hold=2', 5)],
    seconds: 60,
    right: ['scale_down api'],
  },
  {
    name: 'two that idle',
    layout: 'pair',
    env: { IDLE: '30 s' },
    before: [],
    trouble: () => [to('/one?hold=1', 0.5), to('/two?hold=1', 0.5)],
    seconds: 60,
    right: ['colocate one', 'colocate two'],
  },
];
