import { readFileSync, statSync } from 'node:fs';
import { SourceMap, type SourceMapPayload, type SourceMapping } from 'node:module';
import { dirname, resolve } from 'node:path';
import { isBundle } from '../../protocol/app-files.ts';

/** Counted from 0, as the debugger and source maps do. */
type Place = { readonly line: number; readonly column: number };

/** A map takes 30 times its bundle's bytes when it is read; the watchdog has 16 MB in all. */
const mostBytes = 384 * 1_024;
const mapBegins = '\n//# sourceMappingURL=data:application/json;base64,';

/** `/app/services/users.ts:12`: of a bundle the place in the source that its map, with which it ends, names. */
export const placeIn = (file: string, { line, column }: Place): string => {
  const map = isBundle(file) ? mapOf(file) : undefined;
  // Of a place that comes from no source it is empty.
  const { originalSource, originalLine }: Partial<SourceMapping> =
    map?.findEntry(line, column) ?? {};
  if (originalSource === undefined || originalLine === undefined) return `${file}:${line + 1}`;
  return `${resolve(dirname(file), originalSource)}:${originalLine + 1}`;
};

const mapOf = (bundle: string): SourceMap | undefined => {
  try {
    if (statSync(bundle).size > mostBytes) return undefined;
    const [encoded = ''] = readFileSync(bundle, 'utf8').split(mapBegins).slice(-1);
    return new SourceMap(JSON.parse(Buffer.from(encoded, 'base64').toString()) as SourceMapPayload);
  } catch {
    // Of a bundle that was removed or is just being built anew its own lines are all that is known.
    return undefined;
  }
};
