import { Box, type Instance, render, Text, useWindowSize } from 'ink';
import { useSyncExternalStore } from 'react';
import { screenRows } from '../screens/screen.ts';
import type { Session } from '../session.ts';
import type { Canvas } from '../terminal/canvas.ts';
import type { Theme } from '../theme.ts';
import { liveOutput } from './live-output.ts';

const options = {
  incrementalRendering: true,
  patchConsole: false,
  exitOnCtrlC: false,
  interactive: true,
  maxFps: 60,
} as const;

/** The place on the screen that the canvas paints: Ink lays it out and leaves it blank. */
const LiveRegion = () => {
  const { rows } = useWindowSize();
  return <Box height={rows} />;
};

/** Ink holds the screen, and what changes on it is painted by the canvas. */
export const showLive = (canvas: Canvas): Instance =>
  render(<LiveRegion />, { ...options, stdout: liveOutput(process.stdout, canvas) });

type PlainProps = { readonly session: Session; readonly theme: Theme };

/** The same rows drawn by Ink alone, one `<Text>` each. */
export const PlainScreen = ({ session, theme }: PlainProps) => {
  const state = useSyncExternalStore(session.subscribe, session.state);
  const { columns, rows } = useWindowSize();
  return (
    <Box flexDirection="column" height={rows}>
      {screenRows(state, { columns, rows }, theme).map((row, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row of the screen is its number.
        <Text key={index} wrap="truncate">
          {row === '' ? ' ' : row}
        </Text>
      ))}
    </Box>
  );
};

export const showPlain = (props: PlainProps): Instance =>
  render(<PlainScreen {...props} />, options);
