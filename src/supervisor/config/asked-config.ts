import { onlyServices } from '../topology/dependencies.ts';
import type { AppConfig } from './app-config.ts';

/** What the file says, with what the command line asked for when the app was started, which wins. */
export const askedConfig = (
  file: AppConfig,
  { only, httpAsked }: Pick<AppConfig, 'only' | 'httpAsked'>,
): AppConfig => {
  const chosen = onlyServices(file, only);
  return httpAsked === undefined ? chosen : { ...chosen, httpPort: httpAsked, httpAsked };
};
