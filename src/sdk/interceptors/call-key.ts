import { requestContext } from '../request-context.ts';
import { bytesOf, packValue } from '../rpc/wire/payload.ts';
import type { InterceptedCall } from './interceptor.ts';

/** Equal for calls with the same arguments on behalf of the same one: an answer is for nobody else. */
export const callKey = ({ kind, args }: InterceptedCall): string => {
  const { tenant, auth, headers } = requestContext.getStore()?.carried ?? {};
  return bytesOf(packValue([kind, args, tenant, auth, headers])).toString('latin1');
};
