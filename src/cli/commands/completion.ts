import { Argument, Command } from 'commander';
import { type NameKind, nameKinds, namesIn } from '../completion/names.ts';
import type { Place } from '../completion/places.ts';
import type { Io } from '../io.ts';
import { attach, type Target, withTarget } from '../target.ts';

type Write = (places: readonly Place[]) => string;

const shells = {
  bash: async () => (await import('../completion/bash.ts')).bashCompletion,
  zsh: async () => (await import('../completion/zsh.ts')).zshCompletion,
  fish: async () => (await import('../completion/fish.ts')).fishCompletion,
} as const satisfies Record<string, () => Promise<Write>>;

type Shell = keyof typeof shells;

/** `source <(forge completion bash)` */
export const completionCommand = (io: Io): Command => {
  const command = new Command('completion')
    .description('Print what lets a shell complete the commands and options of forge')
    .addArgument(new Argument('<shell>', 'of which shell').choices(Object.keys(shells)))
    .addHelpText('after', help)
    .action(async (shell: Shell) => {
      const { placesOf } = await import('../completion/places.ts');
      const write = await shells[shell]();
      io.out(write(placesOf(command.parent ?? command)));
    });
  command.helpCommand(false).addCommand(namesCommand(io), { hidden: true });
  return command;
};

/** A key was pressed: whoever waits longer takes the line for dead. */
const patienceMs = 1_000;

/** For the shells: without an app that answers soon there is nothing to say. */
const namesCommand = (io: Io): Command =>
  withTarget(new Command('names'))
    .addArgument(new Argument('<kind>').choices(nameKinds))
    .action(async (kind: NameKind, target: Target) => {
      const ending = { signal: AbortSignal.timeout(patienceMs) };
      try {
        await using app = await attach(target, kind === 'methods' ? 'operator' : 'viewer', ending);
        for (const name of await namesIn(app, kind)) io.out(`${name}\n`);
      } catch {
        // The line stays as it was typed.
      }
    });

const help = `
bash: source <(forge completion bash)                          in ~/.bashrc
zsh:  source <(forge completion zsh)                           in ~/.zshrc, after compinit
fish: forge completion fish | source                           in ~/.config/fish/config.fish`;
