import { requestContext } from '../request-context.ts';
import { bytesOf, packValue } from '../rpc/payload.ts';
import type { InterceptedCall } from './interceptor.ts';

/** Equal for calls with the same arguments on behalf of the same one: an answer is for nobody else. */
export const callKey = ({ kind, args }: InterceptedCall): string => {
  const { tenant, auth } = requestContext.getStore() ?? {};
  return bytesOf(packValue([kind, args, tenant, auth])).toString('latin1');
};
