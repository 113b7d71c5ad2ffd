/** `loadBalancer` of a traffic policy (facts 6.4). */
import { checkDuration } from '../blocks/duration.ts';
import { child, error, has, isSet, itemsOf, numberAt, textAt, warn } from '../field.ts';
import type { Field } from '../field.ts';
import { checkLocality, checkZoneAware } from './locality.ts';

const MAX_TABLE_SIZE = 5_000_011;

export function checkLoadBalancer(balancer: Field, hasOutlierDetection: boolean): void {
  const hash = child(balancer, 'consistentHash');
  if (isSet(hash)) checkConsistentHash(hash);
  const locality = child(balancer, 'localityLbSetting');
  const zoneAware = child(balancer, 'zoneAwareLbSetting');
  if (isSet(locality) && isSet(zoneAware))
    error(balancer, 'give only one of localityLbSetting and zoneAwareLbSetting');
  if (isSet(locality)) checkLocality(locality, hasOutlierDetection);
  if (isSet(zoneAware)) checkZoneAware(zoneAware, hasOutlierDetection);
  const warmup = child(balancer, 'warmup');
  if (isSet(warmup)) checkWarmup(warmup);
}

function checkConsistentHash(hash: Field): void {
  const cookie = child(hash, 'httpCookie');
  if (isSet(cookie)) checkCookie(cookie);
  if (uint64At(hash, 'minimumRingSize') !== 0) {
    const field = child(hash, 'minimumRingSize');
    warn(field, 'is deprecated; use ringHash.minimumRingSize');
    if (isSet(child(hash, 'ringHash')) || isSet(child(hash, 'maglev')))
      error(field, 'cannot be used together with ringHash or maglev');
  }
  const maglev = child(hash, 'maglev');
  if (isSet(maglev)) checkTableSize(maglev);
}

function checkCookie(cookie: Field): void {
  if (!has(cookie, 'name')) error(cookie, 'needs a name');
  const names = new Set<string>();
  for (const attribute of itemsOf(cookie, 'attributes')) {
    const name = textAt(attribute, 'name');
    if (name === '') error(attribute, 'needs a name');
    else if (names.has(name)) error(attribute, `the attribute "${name}" is set twice`);
    names.add(name);
  }
}

function checkTableSize(maglev: Field): void {
  const size = uint64At(maglev, 'tableSize');
  const field = child(maglev, 'tableSize');
  if (size === 0) error(maglev, 'needs a tableSize');
  else if (size >= MAX_TABLE_SIZE) error(field, `must be less than ${MAX_TABLE_SIZE}, but is ${size}`);
  else if (!isPrime(size)) error(field, `must be a prime number, which ${size} is not`);
}

/** JSON carries 64-bit numbers as text too. */
function uint64At(field: Field, key: string): number {
  const text = textAt(field, key);
  return text === '' ? numberAt(field, key) : Number(text);
}

/** For numbers below `MAX_TABLE_SIZE`, whose roots are small. */
function isPrime(value: number): boolean {
  if (value < 2) return false;
  for (let factor = 2; factor * factor <= value; factor += 1) if (value % factor === 0) return false;
  return true;
}

function checkWarmup(warmup: Field): void {
  const duration = child(warmup, 'duration');
  if (isSet(duration)) checkDuration(duration);
  else error(warmup, 'needs a duration');
  const percent = numberAt(warmup, 'minimumPercent');
  if (percent > 100) error(child(warmup, 'minimumPercent'), `must be at most 100, not ${percent}`);
  const aggression = child(warmup, 'aggression');
  if (isSet(aggression) && numberAt(warmup, 'aggression') <= 0) error(aggression, 'must be more than 0');
}
