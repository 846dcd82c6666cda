import { wrongUsage } from '../../protocol/errors.ts';
import { onlyServices } from '../topology/dependencies.ts';
import type { AppConfig } from './app-config.ts';

/** What the file says, with what the command line asked for when the app was started, which wins. */
export const askedConfig = (
  file: AppConfig,
  { only, httpAsked }: Pick<AppConfig, 'only' | 'httpAsked'>,
): AppConfig => {
  const chosen = onlyServices(file, only);
  if (httpAsked === undefined) return chosen;
  checkFree(httpAsked, chosen);
  return { ...chosen, httpPort: httpAsked, httpAsked };
};

/** The file was checked without it: two that listen on one port would both seem ready. */
const checkFree = (port: number, { services, http }: AppConfig): void => {
  if (port === 0) return;
  const service = services.find((one) => one.port === port);
  const owner = service === undefined ? 'http.admin.port' : `services.${service.name}.port`;
  if (service === undefined && http.admin?.port !== port) return;
  throw wrongUsage(`--http ${port} is that of ${owner}`, 'Give each its own port.');
};
