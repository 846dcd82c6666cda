import { Box, type Key, Text, useInput, usePaste, useWindowSize } from 'ink';
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
  pageUp: 'pageup',
  pageDown: 'pagedown',
  home: 'home',
  end: 'end',
  tab: 'tab',
  backspace: 'backspace',
  delete: 'backspace',
} as const satisfies Partial<Record<keyof Key, string>>;

/** What arrives together with letters comes as it was sent. */
const controls: Readonly<Record<string, string>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\b': 'backspace',
  '\u007F': 'backspace',
  '\u001B': 'escape',
  '\u0003': 'ctrl-c',
};

/** Keys that arrive in one read come as one string: each letter counts. */
const namesOf = (input: string, key: Key): readonly string[] => {
  const found = Object.entries(special).find(([name]) => key[name as keyof typeof special]);
  if (found !== undefined) return [found[1]];
  const held = key.ctrl ? 'ctrl-' : key.meta ? 'alt-' : '';
  return [...input].map((letter) => held + (controls[letter] ?? letter));
};

/** One `<Text>` a row: laying out each cell by itself would double the cost of a frame. */
export const App = ({ session, theme, onInterrupt }: AppProps) => {
  const state = useSyncExternalStore(session.subscribe, session.state);
  const { columns, rows } = useWindowSize();
  useInput((input, key) => {
    for (const name of namesOf(input, key)) {
      if (name === 'ctrl-c') onInterrupt();
      else session.key(name);
    }
  });
  usePaste((text) => session.paste(text));
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
