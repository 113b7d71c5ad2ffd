/** Gateways of one workload do not share a certificate: browsers then reuse a connection for a host of the other one. */
import { listAt, stringAt } from '../../../lib/json.ts';
import type { JsonValue } from '../../../lib/json.ts';
import { listOthers } from '../../../lib/list-names.ts';
import { GATEWAY } from '../semantics/gateway-reference.ts';
import { idOf } from '../semantics/resource-id.ts';
import { labelsAt, matchesLabels, renderSelector } from '../semantics/selectors.ts';
import { originOf } from '../suppress.ts';
import type { AnalysisContext, Finding, Resource, Rule } from '../types.ts';

export const gatewayCertificate: Rule = {
  name: 'gateway.CertificateAnalyzer',
  summary: 'No two Gateways of one workload use the same certificate.',
  kinds: [GATEWAY],
  codes: ['IST0138'],
  check: (context) => {
    const users = collectUsers(context);
    return context.list(GATEWAY).flatMap((resource) =>
      certificatesOf(resource).flatMap((certificate): Finding[] => {
        const ids = users(certificate, resource);
        if (ids.length < 2) return [];
        return [
          {
            code: 'IST0138',
            message: `${originOf(resource)} uses ${certificate.text}, and so does Gateway ${listOthers(ids, idOf(resource))} for the same workload: HTTP/2 clients that reuse a connection get 404`,
            resource,
            path: ['metadata', 'name'],
            suggestion: { text: 'serve all hosts of a certificate from one Gateway' },
          },
        ];
      }),
    );
  },
};

interface Certificate {
  readonly id: string;
  readonly text: string;
}

/** The certificates of a gateway's servers, each once: by the name of a secret, or by files. */
function certificatesOf(gateway: Resource): readonly Certificate[] {
  const found = new Map<string, Certificate>();
  for (const server of listAt(gateway.spec, ['servers'])) {
    const certificate = certificateOf(server);
    if (certificate) found.set(certificate.id, certificate);
  }
  return [...found.values()];
}

function certificateOf(server: JsonValue): Certificate | undefined {
  const credential = stringAt(server, ['tls', 'credentialName']);
  if (credential !== '') return { id: `secret ${credential}`, text: `credential "${credential}"` };
  const file = stringAt(server, ['tls', 'serverCertificate']);
  const key = stringAt(server, ['tls', 'privateKey']);
  return file !== '' && key !== ''
    ? { id: `files ${file}\u0000${key}`, text: `certificate ${file}` }
    : undefined;
}

/** Gateways with one certificate and one selector. */
interface Group {
  readonly selector: Readonly<Record<string, string>>;
  readonly ids: string[];
}

/** Returns a search for the gateways that use a certificate and whose workloads are all those of a given gateway, with that one. */
function collectUsers(
  context: AnalysisContext,
): (certificate: Certificate, gateway: Resource) => readonly string[] {
  const groups = new Map<string, Map<string, Group>>();
  for (const gateway of context.list(GATEWAY)) {
    const selector = labelsAt(gateway.spec, ['selector']);
    for (const { id } of certificatesOf(gateway)) {
      const bySelector = groups.get(id) ?? new Map<string, Group>();
      groups.set(id, bySelector);
      const text = renderSelector(selector);
      const group = bySelector.get(text);
      if (group) group.ids.push(idOf(gateway));
      else bySelector.set(text, { selector, ids: [idOf(gateway)] });
    }
  }
  const answers = new Map<string, readonly string[]>();
  return ({ id }, gateway) => {
    const selector = labelsAt(gateway.spec, ['selector']);
    const question = `${id}\u0000${renderSelector(selector)}`;
    let answer = answers.get(question);
    if (!answer) {
      const related = [...(groups.get(id)?.values() ?? [])].filter((group) =>
        matchesLabels(group.selector, selector),
      );
      answers.set(question, (answer = related.flatMap((group) => group.ids)));
    }
    return answer;
  };
}
