import { describe, expect, it } from '@jest/globals';
import type { DashboardEvent, OpenDashboard } from '../../../src/app/dashboard.ts';
import { MeshError } from '../../../src/lib/errors.ts';
import { PLAIN } from '../../../src/lib/style.ts';
import {
  dashboardsToJson,
  describeDashboardEvent,
  formatDashboard,
} from '../../../src/report/dashboard-text.ts';

const kiali: OpenDashboard = {
  name: 'kiali',
  url: 'http://localhost:20001/kiali',
  pod: { namespace: 'istio-system', pod: 'kiali-1', port: 20001 },
  localPort: 20001,
  addresses: ['127.0.0.1', '::1'],
};

describe('dashboard text', () => {
  it('is the URL alone when there is one, else a column of names', () => {
    expect(formatDashboard(kiali, ['kiali'])).toBe('http://localhost:20001/kiali\n');
    expect(formatDashboard(kiali, ['kiali', 'prometheus'])).toBe(
      'kiali       http://localhost:20001/kiali\n',
    );
  });

  it('is one line of JSON', () => {
    const line = dashboardsToJson([kiali, { ...kiali, name: 'b' }]);
    expect(line.indexOf('\n')).toBe(line.length - 1);
    expect(JSON.parse(line)).toMatchObject([
      { name: 'kiali', url: kiali.url, podPort: 20001 },
      { name: 'b' },
    ]);
  });

  const state = (isReady: boolean, reason?: string): DashboardEvent => ({
    type: 'state',
    name: 'kiali',
    isReady,
    state: reason === undefined ? { type: 'connected', pod: kiali.pod } : { type: 'lost', reason },
  });

  it.each<[DashboardEvent, string | undefined]>([
    [{ type: 'ready', dashboard: kiali }, '✓ kiali: istio-system/kiali-1, port 20001'],
    [{ type: 'settled', dashboards: [kiali], missing: [] }, 'Ctrl-C closes'],
    [{ type: 'settled', dashboards: [kiali], missing: ['a', 'b'] }, 'not installed: a and b\nCtrl-C closes'],
    [
      {
        type: 'failed',
        name: 'kiali',
        error: new MeshError('cluster', 'kiali is not there', { hint: 'install it' }),
      },
      '✗ kiali is not there\n  install it',
    ],
    [
      { type: 'failed', name: 'kiali', error: new MeshError('unreachable', 'no pod could be reached') },
      '✗ kiali: no pod could be reached',
    ],
    [state(false), undefined],
    [state(true), '✓ kiali: now istio-system/kiali-1'],
    [state(false, 'Pod a is Pending'), '! kiali: waiting, Pod a is Pending'],
    [state(true, 'Pod a was deleted'), '! kiali: lost, Pod a was deleted'],
  ])('%#', (event, text) => {
    expect(describeDashboardEvent(event, PLAIN)).toBe(text);
  });
});
