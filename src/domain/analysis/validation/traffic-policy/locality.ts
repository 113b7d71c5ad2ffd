/** Where traffic goes by region, zone and subzone: `localityLbSetting` and `zoneAwareLbSetting` (facts 6.4). */
import { child, entries, error, has, itemsOf, numberOf, textAt, textOf, warn } from '../field.ts';
import type { Field } from '../field.ts';

const TOPOLOGY_LABELS: ReadonlySet<string> = new Set([
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
  'topology.istio.io/subzone',
]);
const ALL_WEIGHT = 100;

/** `hasOutlierDetection`: without it no endpoint ever counts as failed, so that nothing fails over. */
export function checkLocality(setting: Field, hasOutlierDetection: boolean): void {
  if (has(setting, 'distribute') && has(setting, 'failover')) {
    error(setting, 'give only one of distribute and failover');
    return;
  }
  const label = findTopologyLabel(setting);
  if (label && has(setting, 'failover')) {
    error(label, `"${textOf(label)}" cannot be used together with failover, which is about regions too`);
    return;
  }
  checkDistribution(setting);
  checkFailover(setting, hasOutlierDetection);
}

export function checkZoneAware(setting: Field, hasOutlierDetection: boolean): void {
  const label = findTopologyLabel(setting);
  if (label) error(label, `"${textOf(label)}" cannot be used here: zones are preferred anyway`);
  checkFailover(setting, hasOutlierDetection);
}

function findTopologyLabel(setting: Field): Field | undefined {
  return itemsOf(setting, 'failoverPriority').find((item) => TOPOLOGY_LABELS.has(textOf(item)));
}

/** Stops at the first wrong weight. */
function checkDistribution(setting: Field): void {
  const from: Locality[] = [];
  for (const rule of itemsOf(setting, 'distribute')) {
    from.push({ text: textAt(rule, 'from'), field: child(rule, 'from') });
    const to = child(rule, 'to');
    const targets = entries(to);
    let sum = 0;
    for (const target of targets) {
      const weight = numberOf(target);
      if (weight < 1 || weight > ALL_WEIGHT) {
        error(target, `must be a weight from 1 to ${ALL_WEIGHT}, not ${weight}`);
        return;
      }
      sum += weight;
    }
    if (sum !== ALL_WEIGHT) {
      error(targets.length > 0 ? to : rule, `the weights must add up to ${ALL_WEIGHT}, not ${sum}`);
      return;
    }
    checkLocalities(targets.map((field) => ({ text: String(field.key), field })));
  }
  checkLocalities(from);
}

interface Locality {
  /** `region/zone/subzone`, perhaps with `*` at the end. */
  readonly text: string;
  readonly field: Field;
}

function checkLocalities(localities: readonly Locality[]): void {
  const earlier: string[] = [];
  for (const { text, field } of localities) {
    const star = text.indexOf('*');
    if (text.split('/').includes('')) error(field, `the locality "${text}" has an empty part`);
    else if (star >= 0 && star !== text.length - 1)
      error(field, `the locality "${text}" may have one wildcard (*), at its end`);
    else {
      const other = earlier.find((known) => overlap(known, text));
      if (other !== undefined) error(field, `the locality "${text}" overlaps "${other}"`);
      earlier.push(text);
    }
  }
}

/** One contains the other: `us-west` and `us-west/*` contain all their zones. */
function overlap(a: string, b: string): boolean {
  const aParts = withoutStar(a);
  const bParts = withoutStar(b);
  const length = Math.min(aParts.length, bParts.length);
  for (let index = 0; index < length; index += 1) if (aParts[index] !== bParts[index]) return false;
  return true;
}

function withoutStar(locality: string): readonly string[] {
  const parts = locality.split('/');
  return parts[parts.length - 1] === '*' ? parts.slice(0, -1) : parts;
}

function checkFailover(setting: Field, hasOutlierDetection: boolean): void {
  const used = ['failover', 'failoverPriority'].find((name) => has(setting, name));
  if (used && !hasOutlierDetection)
    warn(child(setting, used), 'has no effect without outlierDetection, which finds out what has failed');
  for (const rule of itemsOf(setting, 'failover')) {
    const from = textAt(rule, 'from');
    const to = textAt(rule, 'to');
    if (from === to) error(rule, `"from" and "to" are both "${from}"`);
    for (const [key, text] of [['from', from] as const, ['to', to] as const]) {
      if (/[/*]/.test(text)) error(child(rule, key), `"${text}" must be a region, without zone and wildcard`);
    }
  }
}
