import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import { copyApp } from '../helpers/app-copy.ts';
import { exitOf, launch, makeRunDir, processesIn } from '../helpers/forge.ts';

const graceMs = 1_000;
/** After their grace workers drain, and end what they started. */
const endMs = 5_000;

/** Killed before it had started anybody, a supervisor leaves nobody who could remove these. */
const firstFiles = ['supervisor.json', 'run.json', 'run.copy.json', 'workers.sock'];

export type Leftovers = {
  /** How long after its start the supervisor was killed, in ms. */
  readonly killedAfterMs: number;
  /** Their command lines. */
  readonly processes: readonly string[];
  /** Sockets and what was noted of processes. */
  readonly files: readonly string[];
};

/**
 * Kills the supervisor of an app without a successor, at whatever it is doing then: it starts, scales
 * or serves. Every worker has a child of its own. What is left after the orphan grace and five seconds?
 */
export const killSupervisorAfter = async (killedAfterMs: number): Promise<Leftovers> => {
  using folder = copyApp('test/fixtures/apps/hello');
  using runDir = makeRunDir();
  const env = {
    ...runDir.env,
    SUCCESSOR: 'none',
    ORPHAN_GRACE: `${graceMs}ms`,
    WITH_GRANDCHILD: 'yes',
  };
  const app = ['--app', folder.directory];
  const supervisor = launch(['start', '--headless', ...app, '--http', '0'], { env });
  const scaling = keepScaling([...app], env);
  await after(killedAfterMs);
  const commands = processesIn(runDir.directory).flatMap(commandOf);
  const hasBegun = commands.some((command) => /--disable-sigusr1|^forge: /.test(command));
  supervisor.kill('SIGKILL');
  await exitOf(supervisor);
  await scaling.stop();
  const until = performance.now() + graceMs + endMs;
  while (processesIn(runDir.directory).length > 0 && performance.now() < until) await after(100);
  return {
    killedAfterMs,
    processes: processesIn(runDir.directory).flatMap(commandOf),
    files: readdirSync(runDir.directory).filter((name) => hasBegun || !firstFiles.includes(name)),
  };
};

const commandOf = (pid: number): readonly string[] => {
  try {
    return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')];
  } catch {
    // It ended while we looked.
    return [];
  }
};

/** Scales up and down, so that the kill may hit an action. */
const keepScaling = (app: readonly string[], env: Readonly<Record<string, string>>) => {
  let stopped = false;
  const scale = async (): Promise<void> => {
    for (let turn = 0; !stopped; turn += 1) {
      await exitOf(launch(['scale', 'hello', String(1 + (turn % 3)), ...app], { env }));
    }
  };
  const scaling = scale();
  return {
    stop: async () => {
      stopped = true;
      await scaling;
    },
  };
};
