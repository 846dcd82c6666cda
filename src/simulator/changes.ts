export type Change = { readonly second: number; readonly from: number; readonly to: number };

/** A change of direction so soon after the last change is a reversal. */
const reversalSeconds = 600;

const isUp = ({ from, to }: Change): boolean => to > from;

export const reversalsIn = (changes: readonly Change[]): number =>
  changes.filter((change, index) => {
    const before = changes[index - 1];
    if (before === undefined || isUp(before) === isUp(change)) return false;
    return change.second - before.second < reversalSeconds;
  }).length;

export const changesPerHour = (
  changes: readonly Change[],
  seconds: number,
): { readonly actionsPerHour: number; readonly reversalsPerHour: number } => ({
  actionsPerHour: (changes.length * 3_600) / seconds,
  reversalsPerHour: (reversalsIn(changes) * 3_600) / seconds,
});
