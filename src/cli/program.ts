import { Command, CommanderError } from 'commander';
import { isOurs, toErrorData } from '../protocol/forge-error.ts';
import { actionsCommand } from './commands/actions.ts';
import { adviseCommand } from './commands/advise.ts';
import { autopilotCommand } from './commands/autopilot.ts';
import { callCommand } from './commands/call.ts';
import { completionCommand } from './commands/completion.ts';
import { configCommand } from './commands/config.ts';
import { dashCommand } from './commands/dash.ts';
import { devCommand } from './commands/dev.ts';
import { doctorCommand } from './commands/doctor.ts';
import { emitCommand } from './commands/emit.ts';
import { eventsCommand } from './commands/events.ts';
import { explainCommand } from './commands/explain.ts';
import { graphCommand } from './commands/graph.ts';
import { historyCommand } from './commands/history.ts';
import { initCommand } from './commands/init.ts';
import { layoutCommands } from './commands/layout.ts';
import { logsCommand } from './commands/logs.ts';
import { metricsCommand } from './commands/metrics.ts';
import { openapiCommand } from './commands/openapi.ts';
import { relayCommand } from './commands/relay.ts';
import { releaseCommands } from './commands/release.ts';
import { routesCommand } from './commands/routes.ts';
import { simulateCommand } from './commands/simulate.ts';
import { startCommand } from './commands/start.ts';
import { startupCommand } from './commands/startup.ts';
import { statusCommand } from './commands/status.ts';
import { stopCommand } from './commands/stop.ts';
import { topCommand } from './commands/top.ts';
import { undoCommand } from './commands/undo.ts';
import { upgradeCommand } from './commands/upgrade.ts';
import { versionCommand, versionText } from './commands/version.ts';
import { waitCommand } from './commands/wait.ts';
import { type Io, printJson, processIo } from './io.ts';
import { asUsage, hasTold } from './usage.ts';

const exitCodes = `
Exit codes: 0 done, 1 failed, 2 wrong usage or config, 3 refused or not ready (nothing changed),
4 no supervisor answers, 5 conflict with another action, 130 interrupted.
\`forge top --once\` and \`forge advise --fail-on\` use 10 (warning) and 20 (critical).`;

export const buildProgram = (io: Io): Command => {
  const program = new Command('forge')
    .description('Runs a backend of many Node.js services on one machine')
    .version(versionText())
    .exitOverride()
    // An option after `advise accept` belongs to that command, not to `advise`.
    .enablePositionalOptions()
    .configureOutput({ writeOut: io.out, writeErr: io.err, outputError: () => undefined })
    .addHelpText('after', exitCodes);
  const commands = [
    initCommand(io),
    startCommand(io),
    devCommand(io),
    stopCommand(io),
    waitCommand(io),
    statusCommand(io),
    metricsCommand(io),
    topCommand(io),
    dashCommand(io),
    logsCommand(io),
    adviseCommand(io),
    explainCommand(io),
    autopilotCommand(io),
    simulateCommand(io),
    ...layoutCommands(io),
    ...releaseCommands(io),
    callCommand(io),
    routesCommand(io),
    graphCommand(io),
    undoCommand(io),
    actionsCommand(io),
    eventsCommand(io),
    historyCommand(io),
    configCommand(io),
    openapiCommand(io),
    emitCommand(io),
    upgradeCommand(io),
    startupCommand(io),
    doctorCommand(io),
    completionCommand(io),
    versionCommand(io),
  ];
  for (const command of commands) {
    program.addCommand(command.copyInheritedSettings(program));
    for (const nested of command.commands) nested.copyInheritedSettings(program);
  }
  program.addCommand(relayCommand().copyInheritedSettings(program), { hidden: true });
  return program;
};

/** The one place that prints errors and sets the exit code. */
export const runProgram = async (argv: readonly string[], io: Io = processIo()): Promise<void> => {
  const words = argv.slice(2);
  let hasDocument = false;
  const out = (text: string): void => {
    hasDocument = true;
    io.out(text);
  };
  const program = buildProgram({ ...io, out });
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError && hasTold(error)) {
      io.exitWith(error.exitCode === 0 ? 0 : 2);
      return;
    }
    const cause = error instanceof CommanderError ? asUsage(error, { program, words }) : error;
    tell(io, cause);
    if (isForScripts(words) && !hasDocument) printJson(io, refusalOf(cause));
  }
};

const isForScripts = (words: readonly string[]): boolean =>
  words.slice(0, words.includes('--') ? words.indexOf('--') : undefined).includes('--json');

/** The document of a command that has none. */
const refusalOf = (cause: unknown) => {
  const { code, message, remedy } = toErrorData(cause);
  return { version: 1, error: { code, message, remedy } };
};

const tell = (io: Io, error: unknown): void => {
  const { code, message, remedy, exitCode } = toErrorData(error);
  io.exitWith(exitCode);
  io.err(`forge: ${message}\n`);
  // What failed in another process has its stack in the log of that one.
  if (code !== 'INTERNAL' || isOurs(error)) io.err(`  → ${remedy}\n`);
  else if (error instanceof Error && error.stack !== undefined) io.err(`${error.stack}\n`);
};
