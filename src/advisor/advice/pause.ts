import type { Instant } from '../../protocol/units.ts';
import { demandMs } from '../history/load.ts';
import type { Acted } from '../history/past.ts';
import { meanOver } from '../history/window.ts';
import type { Found } from '../judge.ts';
import type { Done } from '../memory/memory.ts';
import { roomyShare } from '../rules/scale-up.ts';
import { type AdvisorSettings, graceMs, grownShare } from '../settings.ts';
import type { Situation, Surroundings } from '../situation.ts';

type Now = Pick<Surroundings, 'view' | 'past' | 'settings'>;
type Clock = {
  readonly settings: Pick<AdvisorSettings, 'cooldownMs'>;
  readonly view: { readonly at: Instant };
};

/** What was done to a service, and what of it is being measured. */
type Before = { readonly done: readonly Acted[]; readonly waiting: readonly Done[] };

/**
 * Why nothing is said yet of a service that was just changed. What a person looks into waits for no
 * more than the seconds of the change; more workers wait only for others that were added, as
 * requests that are slow now cannot; a smaller layout can wait, and waits for everything.
 */
export const pauseOf = (found: Found, now: Now): string | undefined => {
  const { service } = found.draft;
  const before: Before = {
    done: now.past.done.get(service) ?? none,
    waiting: now.past.waiting.get(service) ?? none,
  };
  return beforeNext(found, now, before) ?? whileChanging(found, now, before);
};

const none: readonly never[] = [];
const measured = 'the effect of the last action is being measured';

type Way = 'more' | 'fewer' | 'neither';

const wayOf = ({ action }: Pick<Done, 'action'>): Way => {
  if (action === 'scale_up' || action === 'split_out') return 'more';
  return action === 'scale_down' || action === 'colocate' ? 'fewer' : 'neither';
};

const beforeNext = (found: Found, now: Now, before: Before): string | undefined => {
  const { done, waiting } = before;
  switch (wayOf(found.draft)) {
    case 'more':
      return beforeMore(found, now, before);
    case 'fewer':
      return waiting.length > 0 ? measured : cooldownAfter(done.at(-1), now);
    case 'neither':
      return undefined;
  }
};

const beforeMore = (found: Found, now: Now, { done, waiting }: Before): string | undefined => {
  const last = done.findLast(hasAdded);
  const isMeasured = waiting.some(hasAdded);
  const isEnough = isMeasured && !isOverfull(found);
  if (last !== undefined && !isEnough && isOutgrown(last, found)) return undefined;
  return isMeasured ? measured : cooldownAfter(last, now);
};

/** A full service hides what it needs: to have done more since then is what was hoped for. */
const isOverfull = ({ situation }: Found): boolean =>
  comingCores(situation) >= situation.service.workers * roomyShare;

/** Also what took an addition back: it is not advised again at once. */
const hasAdded = (done: Done): boolean =>
  done.direction === 'up' || done.undoes !== undefined || wayOf(done) === 'more';

const isOutgrown = (last: Acted, { draft, situation }: Found): boolean =>
  draft.action === 'scale_up' &&
  !hasFailed(last) &&
  comingCores(situation) > last.cores * grownShare;

const hasFailed = ({ direction, action }: Done): boolean =>
  direction === 'other' && action === 'scale_up';

/** What the requests need that come now: workers that work off what has piled up do more than that. */
const comingCores = ({ history: { points } }: Situation): number =>
  (meanOver(points, 10, ({ arrived }) => arrived) * demandMs(points)) / 1_000;

/**
 * While its workers warm up, a service shows what changing them costs. What began before must go on
 * afterwards for as long as ever; what looks further back waits for as long as it looks.
 */
const whileChanging = (
  { draft, situation: { evidence } }: Found,
  now: Now,
  { done, waiting }: Before,
): string | undefined => {
  const { at } = now.view;
  const changedAt = Math.max(0, ...[...done, ...waiting].map((one) => one.at));
  const warmAt = changedAt + graceMs;
  const { overMs = 0 } = draft;
  const beganAt = at - Math.max(0, ...evidence.map(({ heldMs }) => heldMs));
  const isOfNow = evidence.length > 0 && overMs === 0 && beganAt >= warmAt;
  return isOfNow || at >= warmAt + Math.max(now.settings.holdMs, overMs)
    ? undefined
    : `its workers were changed ${ago(changedAt, now)} s ago`;
};

export const cooldownAfter = (
  done: { readonly at: Instant } | undefined,
  clock: Clock,
): string | undefined =>
  done === undefined || clock.view.at - done.at >= clock.settings.cooldownMs
    ? undefined
    : `cooldown after an action ${ago(done.at, clock)} s ago`;

const ago = (then: number, { view: { at } }: Pick<Clock, 'view'>): number =>
  Math.round((at - then) / 1_000);
