export type Wanted = {
  readonly services: number;
  /** Rows of the advice or the plan, and how few of them still make sense. */
  readonly panel: number;
  readonly panelMin: number;
};

export type Shares = {
  readonly table: number;
  readonly panel: number;
  readonly timeline: number;
};

const smallestTable = 3;
/** Two edges and a line. */
const smallestBox = 3;

/**
 * Who gets which rows of the main view: the table and the panel what they need, the timeline what
 * is left. A box with no line inside is left out.
 */
export const sharesOf = (rows: number, { services, panel, panelMin }: Wanted): Shares => {
  const timelineMin = rows >= 28 ? 8 : 4;
  const roomy = rows - panelMin - timelineMin;
  const table = Math.max(0, Math.min(services, rows, Math.max(smallestTable, roomy)));
  const besides = rows - table;
  const comfortable = besides - timelineMin;
  const forPanel = comfortable < smallestBox ? besides : Math.max(comfortable, panelMin);
  const taken = box(Math.min(panel, forPanel, besides));
  const timeline = box(besides - taken);
  return { table: Math.min(services, rows - taken - timeline), panel: taken, timeline };
};

const box = (rows: number): number => (rows < smallestBox ? 0 : rows);
