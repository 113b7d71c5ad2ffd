/**
 * The control plane of the e2e tests. A test file says once, at its top,
 *
 *     const cluster = useControlPlane();
 *     cluster.describe('apply', () => { ... cluster.kubeconfig ... });
 *
 * and has a real Kubernetes API from then on. All files that run in one jest worker share one control plane,
 * so every test works in namespaces of its own (`createNamespace`) and removes cluster-scoped objects.
 */
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import { beforeAll, describe, jest } from '@jest/globals';
import {
  connectControlPlane,
  isRunning,
  startControlPlane,
  whyNoControlPlane,
  type ControlPlane,
  type ControlPlaneState,
} from '../controlplane/launcher.ts';
import { controlPlane, setControlPlane } from './controlplane-requests.ts';

export { createNamespace, kubeGet, kubeRequest, waitFor } from './controlplane-requests.ts';

/** The first start on a machine builds the control plane. */
const startTimeoutMs = 30 * 60_000;
const testTimeoutMs = 60_000;
const sharedStateKey = 'mesh-test-control-plane';

export interface TestCluster {
  /** As `describe`; its tests are skipped where no control plane can be had. */
  readonly describe: typeof describe | typeof describe.skip;
  /** These can be read from within tests and hooks only. */
  readonly plane: ControlPlane;
  readonly kubeconfig: string;
}

/**
 * Starts the worker's control plane before the tests of this file unless it runs already. It ends with the
 * worker. Where it cannot be built (no Go) the tests are skipped, with a line that says so; in CI that is an
 * error instead. Gives every test of the file 60 s.
 */
export function useControlPlane(): TestCluster {
  const reason = whyNoControlPlane();
  if (reason && process.env['CI']) throw new Error(reason);
  if (reason) {
    process.stderr.write(`SKIPPED: the tests that need a Kubernetes API do not run. ${reason}\n`);
  } else {
    jest.setTimeout(testTimeoutMs);
    beforeAll(async () => {
      setControlPlane(await sharedControlPlane());
    }, startTimeoutMs);
  }
  return {
    describe: reason ? describe.skip : describe,
    get plane() {
      return controlPlane();
    },
    get kubeconfig() {
      return controlPlane().kubeconfig;
    },
  };
}

/**
 * Jest gives each test file its own globals and its own modules, even its own `process`. The environment data
 * of worker_threads belongs to the real process, so the state of the running control plane is kept there.
 */
async function sharedControlPlane(): Promise<ControlPlane> {
  const shared = getEnvironmentData(sharedStateKey);
  if (typeof shared === 'string') {
    const state = JSON.parse(shared) as ControlPlaneState;
    if (await isRunning(state)) return connectControlPlane(state);
  }
  const started = await startControlPlane({ report: (line) => process.stderr.write(`${line}\n`) });
  setEnvironmentData(sharedStateKey, JSON.stringify(started));
  return started;
}
