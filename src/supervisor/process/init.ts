import { existsSync } from 'node:fs';

/**
 * A process 1 for a container: passes signals on, and reaps whatever process was orphaned, which
 * Node cannot do for children that it did not start. A signal interrupts `wait`, which then does
 * not tell the exit code: it is asked for again, and says 127 when it has told it before.
 */
const script = `
for name in TERM INT HUP; do
  trap "again=yes; kill -$name \\"\\$child\\" 2>/dev/null" "$name"
done
"$@" &
child=$!
again=yes
while [ -n "$again" ]; do
  again=
  wait "$child"
  now=$?
  [ "$now" -eq 127 ] || code=$now
done
exit "$code"
`;

const shell = '/bin/sh';

/** As process 1, starts this command again as the child of a shell that does what an init must. */
export const startUnderInit = (): void => {
  // An image without a shell has to bring its own init (`docker run --init`).
  if (process.pid !== 1 || !existsSync(shell)) return;
  const command = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  process.execve?.(shell, ['sh', '-c', script, 'forge', ...command], process.env);
};
