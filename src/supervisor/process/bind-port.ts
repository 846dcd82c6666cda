import { closeSync } from 'node:fs';
import { BoundSocket } from 'node:net';
import { type PortPlace, portInUse } from '../../protocol/start-errors.ts';
import { portOwner } from './port-owner.ts';

/** A port that is held, but not accepted on. */
export type HeldPort = {
  readonly port: number;
  /** Ours; one that is lent is not, and is bound by asking for its descriptor. */
  readonly isHeld: () => boolean;
  readonly descriptor: () => number;
  readonly close: () => void;
};

/**
 * Holds a port: a process of the app listens on this descriptor, and while it is restarted,
 * connections wait in the kernel instead of being refused. With `reusePort` it can be held once more
 * beside one that somebody else listens on.
 */
export const bindPort = (port: number, place: PortPlace, reusePort = false): HeldPort => {
  try {
    const socket = bindAny(port, reusePort);
    const address = socket.address();
    return {
      port: 'port' in address ? address.port : port,
      isHeld: () => true,
      descriptor: () => socket.fd(),
      close: () => socket.close(),
    };
  } catch (cause) {
    if (codeOf(cause) === 'EADDRINUSE') throw portInUse({ port, place }, portOwner(port), cause);
    throw cause;
  }
};

/**
 * Holds a port that not every process of the app will hold: who takes this one's place may be
 * without it, and can hold it once more. Alone it would also be held beside somebody else's.
 */
export const bindAgainLater = (port: number, place: PortPlace): HeldPort => {
  if (port !== 0) bindPort(port, place).close();
  return bindPort(port, place, true);
};

/** The same from a supervisor that died, handed on by one of its workers. */
export const inheritPort = (port: number, descriptor: number): HeldPort => ({
  port,
  isHeld: () => true,
  descriptor: () => descriptor,
  close: () => closeSync(descriptor),
});

/** One that was handed on, of a port that nobody wants any more. */
export const closeInherited = (descriptor: number): void => closeSync(descriptor);

/** One that an ingress listens on, which lives on without us; it is bound again when that is gone. */
export const lentPort = (port: number, place: PortPlace): HeldPort => {
  let own: HeldPort | undefined;
  return {
    port,
    isHeld: () => own !== undefined,
    descriptor: () => {
      own ??= bindPort(port, place);
      return own.descriptor();
    },
    close: () => own?.close(),
  };
};

const bindAny = (port: number, reusePort: boolean): BoundSocket => {
  try {
    return new BoundSocket({ host: '::', port, reusePort });
  } catch (cause) {
    // A machine without IPv6.
    if (!['EAFNOSUPPORT', 'EADDRNOTAVAIL'].includes(codeOf(cause))) throw cause;
    return new BoundSocket({ host: '0.0.0.0', port, reusePort });
  }
};

const codeOf = (error: unknown): string => String((error as { readonly code?: unknown }).code);
