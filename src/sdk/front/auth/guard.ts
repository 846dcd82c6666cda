import type { IncomingMessage } from 'node:http';
import type { RouteAuth, RouteEntry } from '../../../protocol/contract.ts';
import type { AuthSettings } from '../../../protocol/http.ts';
import { httpError } from '../body.ts';
import type { SetsHeaders } from '../headers.ts';
import { bearerOf } from './token-shape.ts';
import type { Identity, Tokens } from './tokens.ts';

type Asking = {
  readonly request: Pick<IncomingMessage, 'headers'>;
  readonly response: SetsHeaders;
};

/** Who a request is from, if its route is for that one; tokens are loaded when there is one to check. */
export const admit = async (
  { request, response }: Asking,
  wanted: RouteAuth,
  load: () => Promise<Pick<Tokens, 'identify'>>,
): Promise<Identity> => {
  const token = bearerOf(request.headers.authorization);
  if (token === undefined) {
    response.setHeader('www-authenticate', 'Bearer');
    throw httpError(401, 'This route is for those who send a token');
  }
  const tokens = await load();
  const identity = await tokens.identify(token).catch((cause: unknown) => {
    if (!(cause instanceof Error) || 'httpStatus' in cause) throw cause;
    response.setHeader('www-authenticate', 'Bearer error="invalid_token"');
    throw httpError(401, 'The token is not valid here', cause);
  });
  if (isFor(identity, wanted)) return identity;
  response.setHeader('www-authenticate', 'Bearer error="insufficient_scope"');
  throw httpError(403, 'This route is not for you');
};

/** Lets through to a route whom it is for. */
export class Guard {
  readonly #settings: AuthSettings | undefined;
  #tokens: Promise<Tokens> | undefined;

  constructor(settings: AuthSettings | undefined) {
    this.#settings = settings;
  }

  admit(asking: Asking, wanted: RouteAuth): Promise<Identity> {
    return admit(asking, wanted, () => this.#load());
  }

  /** The first request with a token would else wait, and all others with it, until that is loaded. */
  async prepare(routes: readonly Pick<RouteEntry, 'terms'>[]): Promise<void> {
    if (this.#settings === undefined || this.#tokens !== undefined) return;
    if (routes.every(({ terms }) => terms?.auth === undefined)) return;
    const tokens = await this.#load();
    // Who has the keys may be slow to answer.
    void tokens.prepare();
  }

  /** Most apps need none of it. */
  #load(): Promise<Tokens> {
    const settings = this.#settings;
    if (settings === undefined) {
      throw httpError(
        503,
        'This route is for those who send a token, and the app has no http.auth',
      );
    }
    this.#tokens ??= import('./tokens.ts').then(({ Tokens }) => new Tokens(settings));
    return this.#tokens;
  }
}

/** One of the roles is enough, of the scopes all are needed. */
const isFor = ({ auth }: Identity, { roles = [], scopes = [] }: RouteAuth): boolean =>
  (roles.length === 0 || roles.some((role) => auth.roles?.includes(role))) &&
  scopes.every((scope) => auth.scopes?.includes(scope));
