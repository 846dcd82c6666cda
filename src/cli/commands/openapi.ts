import { Command } from 'commander';
import { type Io, printJson } from '../io.ts';
import { findOwnConfig, type Target, withTarget } from '../target.ts';

export const openapiCommand = (io: Io): Command =>
  withTarget(new Command('openapi'))
    .description('Print the OpenAPI document of the contract routes; the app need not run')
    .action(async (options: Target) => {
      const { loadConfig } = await import('../../supervisor/config/load-config.ts');
      const { describeApi } = await import('../../supervisor/config/describe-api.ts');
      printJson(io, await describeApi(await loadConfig({ file: await findOwnConfig(options) })));
    });
