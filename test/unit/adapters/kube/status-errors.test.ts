import { describe, expect, it } from '@jest/globals';
import { refusal } from '../../../../src/adapters/kube/status-errors.ts';
import type { StatusError } from '../../../../src/adapters/kube/status-errors.ts';

const peer = { server: new URL('https://api:6443/'), context: 'prod', userName: 'jane', proxy: undefined };

function refused(code: number, status: { message?: string; reason?: string; details?: object }): StatusError {
  const text = JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, ...status });
  return refusal(
    { status: code, headers: {}, text },
    { operation: 'apply Deployment ns/istiod', peer, credentials: 'token' },
  );
}

describe('refusal', () => {
  it('says who may not do what, and how to look', () => {
    const message =
      'deployments.apps "istiod" is forbidden: User "jane@corp" cannot patch resource "deployments" in API group "apps" in the namespace "ns"';
    expect(refused(403, { reason: 'Forbidden', message })).toMatchObject({
      code: 'auth',
      message:
        'the user "jane@corp" (context "prod") is not allowed to patch deployments.apps in the namespace ns',
      details: ['cannot apply Deployment ns/istiod'],
      hint: 'kubectl auth can-i patch deployments.apps -n ns --context prod',
    });
    expect(
      refused(403, {
        message: 'x is forbidden: User "u" cannot list resource "nodes" in API group "" at the cluster scope',
      }).message,
    ).toBe('the user "u" (context "prod") is not allowed to list nodes in the whole cluster');
    expect(
      refused(403, { message: 'forbidden: User "system:anonymous" cannot get path "/apis"' }),
    ).toMatchObject({
      message: 'the user "system:anonymous" (context "prod") is not allowed to get /apis',
      hint: 'the request came without credentials: the kubeconfig has none for the user "jane"',
    });
  });

  it('knows that quotas and policies are no matter of who asks', () => {
    expect(
      refused(403, {
        reason: 'Forbidden',
        message: 'pods "x" is forbidden: exceeded quota: q, requested: pods=1',
      }),
    ).toMatchObject({
      code: 'cluster',
      message:
        'cannot apply Deployment ns/istiod: pods "x" is forbidden: exceeded quota: q, requested: pods=1',
    });
  });

  it('lists fields of other managers, each once', () => {
    const cause = (field: string, message: string): object => ({
      reason: 'FieldManagerConflict',
      field,
      message,
    });
    const causes = [
      cause('.spec.replicas', 'conflict with "kubectl-edit" using apps/v1'),
      cause(
        '.status.x',
        'conflict with "ctl" with subresource "status" using apps/v1 at 2026-01-01T00:00:00Z',
      ),
      cause('.spec.replicas', 'conflict with "kubectl-edit" using apps/v1'),
    ];
    expect(
      refused(409, { reason: 'Conflict', message: 'Apply failed with 2 conflicts', details: { causes } }),
    ).toMatchObject({
      code: 'conflict',
      details: ['.spec.replicas ← kubectl-edit', '.status.x ← ctl'],
      hint: '--force-conflicts takes them over',
    });
  });

  it.each<[number, object]>([
    [
      403,
      {
        message:
          'x is forbidden: unable to create new content in namespace ns because it is being terminated',
        details: {
          causes: [
            {
              reason: 'NamespaceTerminating',
              message: 'namespace ns is being terminated',
              field: 'metadata.namespace',
            },
          ],
        },
      },
    ],
    [
      409,
      {
        reason: 'AlreadyExists',
        message: 'object is being deleted: namespaces "ns" already exists',
        details: { name: 'ns', kind: 'namespaces' },
      },
    ],
  ])('says when the namespace is going away (%d)', (code, status) => {
    expect(refused(code, status)).toMatchObject({
      code: 'cluster',
      message: 'cannot apply Deployment ns/istiod: the namespace ns is being deleted',
      hint: 'wait until it is gone, then run the same command again',
    });
  });

  it('says when the namespace is not there', () => {
    expect(
      refused(404, {
        reason: 'NotFound',
        message: 'namespaces "ns" not found',
        details: { name: 'ns', kind: 'namespaces' },
      }),
    ).toMatchObject({
      code: 'cluster',
      message: 'cannot apply Deployment ns/istiod: the namespace ns does not exist',
    });
  });

  it('unfolds what is not valid', () => {
    const causes = [
      { reason: 'FieldValueInvalid', message: 'Invalid value: -1: must be >= 0', field: 'spec.replicas' },
      { reason: 'FieldValueRequired', message: 'Required value', field: 'spec.selector' },
    ];
    expect(
      refused(422, {
        reason: 'Invalid',
        message: 'Deployment.apps "istiod" is invalid: [...]',
        details: { causes },
      }),
    ).toMatchObject({
      code: 'cluster',
      message: 'cannot apply Deployment ns/istiod: the object is not valid',
      details: ['spec.replicas: Invalid value: -1: must be >= 0', 'spec.selector: Required value'],
    });
  });

  it.each<[number, string, string[]]>([
    [
      500,
      'failed to create typed patch object (ns/istiod; apps/v1, Kind=Deployment): .spec.foo: field not declared in schema',
      ['.spec.foo: field not declared in schema'],
    ],
    [
      500,
      'failed to create typed patch object (ns/istiod; apps/v1, Kind=Deployment): errors:\n  .spec.a: field not declared in schema\n  .spec.b: expected numeric (int or float), got string\n',
      ['.spec.a: field not declared in schema', '.spec.b: expected numeric (int or float), got string'],
    ],
    [
      400,
      'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.foo", unknown field "spec.bar"',
      ['unknown field "spec.foo"', 'unknown field "spec.bar"'],
    ],
    [
      422,
      ' "" is invalid: patch: Invalid value: "{\\"spec\\":{}}": strict decoding error: unknown field "spec.foo"',
      ['unknown field "spec.foo"'],
    ],
  ])('lists fields that the schema does not have (%d)', (code, message, details) => {
    expect(refused(code, { message, reason: code === 422 ? 'Invalid' : '' })).toMatchObject({
      code: 'cluster',
      message: 'cannot apply Deployment ns/istiod: the object is not valid',
      details,
    });
  });

  it('keeps causes short that quote the whole object', () => {
    const causes = [
      {
        reason: 'FieldValueInvalid',
        field: 'spec',
        message: `Invalid value: ${'x'.repeat(5000)}: must not be x`,
      },
    ];
    const [line = ''] = refused(422, { reason: 'Invalid', message: 'invalid', details: { causes } }).details;
    expect(line).toMatch(/^spec: Invalid value: xxx.* … x.*: must not be x$/);
    expect(line.length).toBeLessThan(320);
  });

  it('tells that a name is used by another object now', () => {
    expect(
      refused(409, {
        reason: 'Conflict',
        message:
          'Operation cannot be fulfilled on x: the UID in the precondition (a) does not match the UID in record (b).',
      }).message,
    ).toBe('cannot apply Deployment ns/istiod: there is another object of this name now');
  });

  it('names a webhook that does not answer', () => {
    expect(
      refused(500, {
        reason: 'InternalError',
        message: 'Internal error occurred: failed calling webhook "validation.istio.io": no endpoints',
      }),
    ).toMatchObject({
      code: 'cluster',
      message: 'cannot apply Deployment ns/istiod: the webhook validation.istio.io did not answer',
    });
  });

  it('takes what has no Status for what it is', () => {
    const raw = (status: number, text: string): StatusError =>
      refusal(
        { status, headers: { 'content-type': 'text/html' }, text },
        { operation: 'read x', peer, credentials: 'none', tries: 3 },
      );
    expect(raw(502, '<html><body>Bad Gateway</body></html>')).toMatchObject({
      code: 'unreachable',
      message: 'cannot read x: https://api:6443 answered 502: Bad Gateway',
      details: ['tried 3 times'],
    });
    expect(raw(403, '')).toMatchObject({
      code: 'auth',
      message: 'cannot read x: https://api:6443 answered 403 (text/html)',
    });
  });
});
