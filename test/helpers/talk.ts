import { join } from 'node:path';
import { copyApp } from './app-copy.ts';
import { forge, type Ran, type RunningApp, startApp } from './forge.ts';

export type TalkFolder = Disposable & {
  readonly directory: string;
  readonly start: () => Promise<TalkApp>;
  /** `forge` with nobody to answer. */
  readonly forge: (...args: readonly string[]) => Promise<Ran>;
};

export type TalkApp = RunningApp & {
  /** Has a service log a line. */
  readonly say: (service: string, text: string, level?: string) => Promise<void>;
};

/** A copy of the app `talk`, whose services say what they are told to. */
export const talkFolder = (): TalkFolder => {
  const copy = copyApp('test/fixtures/apps/talk');
  const { directory } = copy;
  const env = { FORGE_RUN_DIR: join(directory, 'nobody') };
  return {
    directory,
    start: async () => {
      const app = await startApp(directory);
      return { ...app, say: (...what) => say(app.http, what) };
    },
    forge: (...args) => forge([...args, '--app', directory], { env }),
    [Symbol.dispose]: () => copy[Symbol.dispose](),
  };
};

type What = readonly [service: string, text: string, level?: string | undefined];

const say = async (http: string, [service, text, level = 'info']: What): Promise<void> => {
  const answer = await fetch(`${http}/${service}/say?${new URLSearchParams({ text, level })}`);
  if ((await answer.json()) !== 'said') throw new Error(`${service} answered ${answer.status}`);
};
