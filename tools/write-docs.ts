import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keysPage } from './keys-page.ts';
import { reliabilityPage } from './reliability-page.ts';

/** Writes the pages that are made from the source. */
const docs = join(import.meta.dirname, '../docs');
writeFileSync(join(docs, 'keys.md'), keysPage());
writeFileSync(join(docs, 'reliability.md'), reliabilityPage());
