/** WorkloadGroup (facts 6.7). The template is not looked into: its entries are made later, and checked then. */
import { checkLabels } from './blocks/labels.ts';
import { checkNotNegative } from './blocks/number.ts';
import { checkPort } from './blocks/port.ts';
import { child, error, has, isSet, itemsOf, rootField, textAt } from './field.ts';
import type { Field } from './field.ts';
import type { Resource } from '../types.ts';
import type { ValidationProblem } from './problem.ts';

export function validateWorkloadGroup({ spec }: Pick<Resource, 'spec'>): ValidationProblem[] {
  const root = rootField(spec);
  if (!isSet(child(root, 'template'))) {
    error(root, 'needs a template');
    return root.problems;
  }
  checkLabels(child(child(root, 'metadata'), 'labels'));
  if (root.problems.length > 0) return root.problems;
  const probe = child(root, 'probe');
  if (isSet(probe)) checkProbe(probe);
  return root.problems;
}

const COUNTS = [
  'periodSeconds',
  'initialDelaySeconds',
  'timeoutSeconds',
  'successThreshold',
  'failureThreshold',
];

function checkProbe(probe: Field): void {
  for (const count of COUNTS) checkNotNegative(child(probe, count));
  const httpGet = child(probe, 'httpGet');
  const tcpSocket = child(probe, 'tcpSocket');
  const exec = child(probe, 'exec');
  if (isSet(httpGet)) checkHttpGet(httpGet);
  else if (isSet(tcpSocket)) checkPort(child(tcpSocket, 'port'));
  else if (isSet(exec)) {
    if (!has(exec, 'command')) error(exec, 'needs a command');
  } else if (isSet(child(probe, 'grpc')))
    error(child(probe, 'grpc'), 'is not supported by the proxy: use httpGet, tcpSocket or exec');
  else error(probe, 'needs one of httpGet, tcpSocket and exec');
}

function checkHttpGet(httpGet: Field): void {
  checkPort(child(httpGet, 'port'));
  const scheme = textAt(httpGet, 'scheme');
  if (!['', 'HTTP', 'HTTPS'].includes(scheme))
    error(child(httpGet, 'scheme'), `must be HTTP or HTTPS, not "${scheme}"`);
  for (const header of itemsOf(httpGet, 'httpHeaders')) {
    const name = textAt(header, 'name');
    if (!/^[-A-Za-z0-9]+$/.test(name))
      error(child(header, 'name'), `"${name}" must be the name of a header: letters, digits and dashes`);
  }
}
