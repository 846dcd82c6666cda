import type { ServiceView } from '../view.ts';

type Services = ReadonlyMap<string, ServiceView>;

/** Whether calls of a service lead to another one, by way of whatever services. */
const leadsTo = (from: ServiceView, name: string, services: Services): boolean => {
  const seen = new Set<string>();
  const follow = ({ split }: ServiceView): boolean =>
    Object.keys(split.downstreamMs).some((callee) => {
      if (callee === name) return true;
      if (seen.has(callee)) return false;
      seen.add(callee);
      const next = services.get(callee);
      return next !== undefined && follow(next);
    });
  return follow(from);
};

/**
 * Of services that call each other in a circle each seems the victim of the next one. There a callee
 * is to blame only if it has more of the trouble, by this measure, than its caller: one of them is
 * always left.
 */
export const mayBlame =
  (caller: ServiceView, services: Services, measure: (service: ServiceView) => number) =>
  (callee: ServiceView): boolean =>
    measure(callee) > measure(caller) || !leadsTo(callee, caller.service, services);
