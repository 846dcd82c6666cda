import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { decodeSuccession, runFiles } from '../../protocol/worker/succession.ts';
import { readKept, setAside } from '../../sdk/channel/atomic-file.ts';
import { decodeIdentity } from '../../sdk/channel/process-start.ts';
import { decodeRunState } from './run-state.ts';

type Decode = (value: unknown) => unknown;
type Kept = { readonly file: string; readonly decode: Decode; readonly copy?: string };

/** What a supervisor leaves to the next one, but for the notes of its processes. */
const keptIn = (runDir: string): readonly Kept[] => {
  const twice = (decode: Decode, file: string, copy: string): readonly Kept[] => [
    { file, decode, copy },
    { file: copy, decode },
  ];
  return [
    ...twice(decodeRunState, runFiles.state(runDir), runFiles.stateCopy(runDir)),
    ...twice(decodeSuccession, runFiles.succession(runDir), runFiles.successionCopy(runDir)),
    { file: runFiles.owner(runDir), decode: decodeIdentity },
  ];
};

/**
 * Sets aside what cannot be read of it, before it is written anew, and says so in words. To be called
 * by who has the run.
 */
export const setDamagedAside = (runDir: string): readonly string[] =>
  keptIn(runDir)
    .filter(({ file, decode }) => existsSync(file) && decode(readKept(file)) === undefined)
    .map(({ file, decode, copy }) => {
      const isCopied = copy !== undefined && decode(readKept(copy)) !== undefined;
      const how = isCopied ? 'gone on by its copy' : 'it is written anew';
      return `${basename(file)} cannot be read: ${how}, see ${setAside(file)}`;
    });
