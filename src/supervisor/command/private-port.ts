import { readFileSync } from 'node:fs';
import { BoundSocket } from 'node:net';

/** Below what the kernel gives to outgoing connections, so that none of these takes one first. */
const firstPort = 20_000;
const usualLast = 32_767;
const rangeFile = '/proc/sys/net/ipv4/ip_local_port_range';

/** Answers a free port at each call, none twice before all others have been tried. */
export const privatePorts = (random: () => number = Math.random): (() => number) => {
  const count = lastPort() - firstPort + 1;
  let next = Math.floor(random() * count);
  return () => {
    for (let tried = 0; tried < count; tried += 1) {
      const port = firstPort + (next % count);
      next += 1;
      if (isFree(port)) return port;
    }
    throw new Error(`No port from ${firstPort} to ${firstPort + count - 1} is free`);
  };
};

const lastPort = (): number => {
  try {
    const lowest = Number(readFileSync(rangeFile, 'utf8').trim().split(/\s+/)[0]);
    return lowest > firstPort ? lowest - 1 : usualLast;
  } catch {
    // A sandbox that hides it.
    return usualLast;
  }
};

const isFree = (port: number): boolean => {
  try {
    new BoundSocket({ host: '127.0.0.1', port }).close();
    return true;
  } catch {
    // Somebody listens there.
    return false;
  }
};
