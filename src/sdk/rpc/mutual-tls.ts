import type { Server, Socket } from 'node:net';
import { connect, createServer } from 'node:tls';

/** Who this process is to others, and whom it believes: its app's own authority and no other. */
export type Identity = { readonly key: string; readonly cert: string; readonly ca: string };

const oldest = 'TLSv1.3';

/** Links to processes on other machines: both ends show a certificate. */
export const dialTls = (
  identity: Identity,
  place: { readonly host: string; readonly port: number; readonly servername: string },
): Socket => connect({ ...identity, ...place, minVersion: oldest });

export const tlsServer = (identity: Identity, serve: (socket: Socket) => void): Server =>
  createServer(
    { ...identity, minVersion: oldest, requestCert: true, rejectUnauthorized: true },
    serve,
  );
