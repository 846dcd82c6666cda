import { Box, type Key, Text, useInput, useWindowSize } from 'ink';
import { useSyncExternalStore } from 'react';
import { screenRows } from './screens/screen.ts';
import type { Session } from './session.ts';
import type { Theme } from './theme.ts';

type AppProps = {
  readonly session: Session;
  readonly theme: Theme;
  readonly onInterrupt: () => void;
};

const special = {
  return: 'enter',
  escape: 'escape',
  upArrow: 'up',
  downArrow: 'down',
  leftArrow: 'left',
  rightArrow: 'right',
  tab: 'tab',
  backspace: 'backspace',
  delete: 'backspace',
} as const satisfies Partial<Record<keyof Key, string>>;

/** Keys that arrive in one read come as one string: each letter counts. */
const namesOf = (input: string, key: Key): readonly string[] => {
  const found = Object.entries(special).find(([name]) => key[name as keyof typeof special]);
  return found === undefined ? [...input] : [found[1]];
};

/** One `<Text>` a row: laying out each cell by itself would double the cost of a frame. */
export const App = ({ session, theme, onInterrupt }: AppProps) => {
  const state = useSyncExternalStore(session.subscribe, session.state);
  const { columns, rows } = useWindowSize();
  useInput((input, key) => {
    if (key.ctrl && input === 'c') onInterrupt();
    else for (const name of namesOf(input, key)) session.key(name);
  });
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
