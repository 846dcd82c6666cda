import { BoundSocket } from 'node:net';
import { portInUse } from '../../protocol/errors.ts';
import { portOwner } from './port-owner.ts';

/**
 * Holds a port without accepting on it: the ingress listens on this descriptor, and while it is
 * restarted, connections wait in the kernel instead of being refused.
 */
export const bindPort = (port: number): BoundSocket => {
  try {
    return bindAny(port);
  } catch (cause) {
    if (codeOf(cause) === 'EADDRINUSE') throw portInUse(port, portOwner(port), cause);
    throw cause;
  }
};

const bindAny = (port: number): BoundSocket => {
  try {
    return new BoundSocket({ host: '::', port });
  } catch (cause) {
    // A machine without IPv6.
    if (!['EAFNOSUPPORT', 'EADDRNOTAVAIL'].includes(codeOf(cause))) throw cause;
    return new BoundSocket({ host: '0.0.0.0', port });
  }
};

const codeOf = (error: unknown): string => String((error as { readonly code?: unknown }).code);
