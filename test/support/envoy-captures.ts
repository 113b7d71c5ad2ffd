/** Answers of a real Envoy of a sidecar, saved with curl. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAdminAnswer } from '../../src/domain/proxy/config-dump.ts';
import type { AdminAnswer } from '../../src/domain/proxy/config-dump.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { projectRoot } from './mesh.ts';

export const captureFile = (name: string): string => join(projectRoot, 'test/fixtures/envoy', name);

export const readCapture = (name: string): string => readFileSync(captureFile(name), 'utf8');

/** As it came. */
export const rawCapture = (name: string): JsonObject => JSON.parse(readCapture(name)) as JsonObject;

/** As mesh reads it. */
export const parsedCapture = (name: string): AdminAnswer => parseAdminAnswer(readCapture(name), name);
