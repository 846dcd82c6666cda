import { connect } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { Command } from 'commander';
import { relayBegins } from '../../protocol/control/messages.ts';
import { controlUnreachable } from '../../protocol/errors.ts';
import { findSocket, type Target, withTarget } from '../target.ts';

/** What `forge top --host` runs on the other machine; of no use to a person. */
export const relayCommand = (): Command =>
  withTarget(new Command('relay'))
    .description('Pass the control socket on through stdin and stdout')
    .action(async (target: Target) => {
      const socketPath = await findSocket(target);
      const socket = connect(socketPath);
      await new Promise<void>((resolve, reject) => {
        socket.once('connect', resolve);
        socket.once('error', (cause) => reject(controlUnreachable(socketPath, cause)));
      });
      process.stdout.write(relayBegins);
      const ends = [pipeline(process.stdin, socket), pipeline(socket, process.stdout)];
      // Whichever end hangs up first, there is nobody left to pass anything on to.
      await Promise.race(ends).catch(() => undefined);
      socket.destroy();
      process.stdin.destroy();
      await Promise.allSettled(ends);
    });
