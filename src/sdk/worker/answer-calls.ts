import type { InboundCall } from '../rpc/calls.ts';
import type { Speakers } from '../rpc/identity/speakers.ts';
import { type RpcServer, serveRpc } from '../rpc/server.ts';
import type { Hosted } from './hosted.ts';

/** Answers what other processes call, with the services of this one. */
export const answerCalls = (
  path: string,
  services: ReadonlyMap<string, Hosted>,
  speakers: Speakers,
): Promise<RpcServer> => {
  const hostedFor = ({ service }: Pick<InboundCall, 'service'>): Hosted => {
    const hosted = services.get(service);
    if (hosted === undefined) throw new Error(`${service} is not in this worker`);
    return hosted;
  };
  return serveRpc(path, (call) => hostedFor(call).handle(call), {
    speakers,
    refused: (call, error) => hostedFor(call).answerLost(call, error),
  });
};
