import type { Snapshot } from '../../protocol/control/messages.ts';

/** Where clients find those services that have a port of their own. */
export const portsText = ({ status: { services } }: Snapshot): string => {
  const ports = services.flatMap(({ name, port }) =>
    port === undefined ? [] : [`${name} :${port}`],
  );
  return ports.length === 0 ? '' : `own ports: ${ports.join(', ')}`;
};
