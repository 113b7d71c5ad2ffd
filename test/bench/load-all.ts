/** The floor of the analysis benchmark: js-yaml reads the same file and does nothing with it. */
import { readFileSync } from 'node:fs';
import { loadAll } from 'js-yaml';

loadAll(readFileSync(process.argv[2] ?? '', 'utf8'));
