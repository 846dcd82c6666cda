import type { IncomingMessage } from 'node:http';
import { relative } from 'node:path';
import type { Mount } from '../../../protocol/http.ts';
import type { StreamedAnswer } from '../../../sdk/front/answer/answers.ts';
import { hostName } from '../../../sdk/front/host-name.ts';
import { hostOf } from '../../../sdk/front/proxies.ts';
import { type Found, findFile, nameIn } from './find-file.ts';
import { sendFile } from './send-file.ts';

/** Folders that are served as they are, below a path and perhaps for one host only. */
export class Mounts {
  readonly #mounts: readonly Mount[];

  constructor(mounts: readonly Mount[]) {
    // The longest path first, and of two with the same the one that names a host.
    const rank = ({ path, host }: Mount): number => path.length * 2 + (host === undefined ? 0 : 1);
    this.#mounts = mounts.toSorted((a, b) => rank(b) - rank(a));
  }

  /** The answer with the file that a path names; undefined when there is none. */
  async answer(request: IncomingMessage): Promise<StreamedAnswer | undefined> {
    if (request.method !== 'GET' && request.method !== 'HEAD') return undefined;
    const [path = '/', query] = splitTarget(request.url ?? '/');
    const mount = this.#find(hostOf(request), path);
    const name = mount === undefined ? undefined : nameIn(path.slice(prefixOf(mount).length));
    if (mount === undefined || name === undefined) return undefined;
    const found = await findFile(mount.directory, name);
    if (found === undefined) return fallback(request, mount);
    // Links of a page are relative to its folder, which ends with a slash.
    if (found.isIndex && !path.endsWith('/')) return redirect(`${path}/${query ?? ''}`);
    return sendFile(request, found, isImmutable(mount, found));
  }

  #find(host: string, path: string): Mount | undefined {
    const name = hostName(host);
    return this.#mounts.find(
      (mount) =>
        (mount.host === undefined || mount.host === name) &&
        (path === mount.path || path.startsWith(`${prefixOf(mount)}/`)),
    );
  }
}

const prefixOf = ({ path }: Mount): string => (path === '/' ? '' : path);

const splitTarget = (url: string): readonly [string, string?] => {
  const at = url.indexOf('?');
  return at < 0 ? [url] : [url.slice(0, at), url.slice(at)];
};

/** Only for a browser that goes to a page: a missing picture or an unknown API stays missing. */
const fallback = async (
  request: IncomingMessage,
  mount: Mount,
): Promise<StreamedAnswer | undefined> => {
  const wantsPage = request.headers.accept?.includes('text/html') === true;
  if (mount.fallback === undefined || !wantsPage) return undefined;
  const page = await findFile(mount.directory, mount.fallback);
  return page === undefined ? undefined : sendFile(request, page, false);
};

const isImmutable = ({ immutable }: Mount, { root, file }: Found): boolean =>
  immutable !== undefined && relative(root, file).startsWith(`${immutable}/`);

const redirect = (location: string): StreamedAnswer => ({
  status: 301,
  headers: { location, 'content-length': 0 },
  body: process.getBuiltinModule('node:stream').Readable.from([]),
});
