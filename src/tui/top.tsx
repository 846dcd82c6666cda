import { render } from 'ink';
import { App } from './app.tsx';
import type { Session } from './session.ts';
import { themeFrom } from './theme.ts';

const clear = '\u001B[2J\u001B[H';

/** Shows the console until the operator leaves; answers the exit code. */
export const showTop = async (session: Session, ascii: boolean): Promise<number> => {
  let code = 0;
  const interrupt = (): void => {
    code = 130;
    session.quit();
  };
  const instance = render(
    <App session={session} theme={themeFrom(process.env, ascii)} onInterrupt={interrupt} />,
    {
      alternateScreen: true,
      incrementalRendering: true,
      patchConsole: false,
      exitOnCtrlC: false,
      interactive: true,
      maxFps: 60,
    },
  );
  // Ink leaves a ghost row when a full-screen frame shrinks.
  process.stdout.prependListener('resize', () => {
    instance.clear();
    process.stdout.write(clear);
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupt);
  try {
    // Ink ends by itself only when drawing has failed: then the error is thrown here.
    await Promise.race([session.ended, instance.waitUntilExit()]);
  } finally {
    session.quit();
  }
  instance.unmount();
  await instance.waitUntilExit();
  return code;
};
