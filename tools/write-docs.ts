import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keysPage } from './keys-page.ts';

/** Writes the pages that are made from the source. */
writeFileSync(join(import.meta.dirname, '../docs/keys.md'), keysPage());
