import { requestContext } from '../request-context.ts';
import { bytesOf, packValue } from '../rpc/wire/payload.ts';
import { inOrder } from './in-order.ts';
import type { InterceptedCall } from './interceptor.ts';

/** Equal for calls with the same arguments on behalf of the same one: an answer is for nobody else. */
export const callKey = ({ kind, args }: InterceptedCall): string => {
  const { tenant, auth, headers } = requestContext.getStore()?.carried ?? {};
  const parts = inOrder([kind, args, tenant, auth, headers]);
  return bytesOf(packValue(parts)).toString('latin1');
};
