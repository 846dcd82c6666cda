import type { Endpoint } from '../../../protocol/topology.ts';

/** Where an endpoint accepts HTTP, in the words of `http.request`. */
export type Address =
  | { readonly socketPath: string }
  | { readonly host: string; readonly port: number };

export const addressOf = ({ httpPath, port }: Pick<Endpoint, 'httpPath' | 'port'>): Address =>
  port === undefined ? { socketPath: httpPath } : { host: '127.0.0.1', port };

/** No two endpoints have the same. */
export const keyOf = ({ httpPath, port }: Pick<Endpoint, 'httpPath' | 'port'>): string =>
  port === undefined ? httpPath : `:${port}`;
