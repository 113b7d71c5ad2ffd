import { describe, expect, test } from '@jest/globals';
import {
  beginRun,
  carriesRelease,
  endRun,
  lastChange,
  lastDeployed,
  rollbackTarget,
} from '../../../../src/domain/plan/history.ts';
import type { HistoryEntry } from '../../../../src/domain/plan/history.ts';

const facts = {
  action: 'install',
  startedAt: '2026-11-25T07:00:00.000Z',
  user: 'ada@laptop',
  meshVersion: '1.0.0',
  istioVersion: '1.31.4',
  profile: 'demo',
  description: '',
  digest: 'abc',
  objects: 3,
} as const;

function runs(...statuses: HistoryEntry['status'][]): HistoryEntry[] {
  return statuses.map((status, index) => ({ ...facts, number: index + 1, status }));
}

describe('history', () => {
  test('a run begins as pending with the next number', () => {
    const { kept, dropped } = beginRun(runs('deployed'), facts);
    expect(kept.map(({ number, status }) => [number, status])).toEqual([
      [1, 'deployed'],
      [2, 'pending'],
    ]);
    expect(dropped).toEqual([]);
  });

  test('a run that was pending was killed', () => {
    const { kept } = beginRun(runs('deployed', 'pending'), facts);
    expect(kept.map(({ status }) => status)).toEqual(['deployed', 'interrupted', 'pending']);
  });

  test('a deployed run supersedes the one before, a failed one does not', () => {
    const history = runs('deployed', 'pending');
    expect(endRun(history, 2, { status: 'deployed' }).map(({ status }) => status)).toEqual([
      'superseded',
      'deployed',
    ]);
    const failed = endRun(history, 2, { status: 'failed', message: 'no' });
    expect(failed.map(({ status }) => status)).toEqual(['deployed', 'failed']);
    expect(lastDeployed(failed)?.number).toBe(1);
  });

  test('a rollback goes to the last release that was deployed before the newest', () => {
    expect(rollbackTarget(runs('superseded', 'interrupted', 'deployed'))?.number).toBe(1);
    expect(rollbackTarget(runs('superseded', 'deployed', 'failed'))?.number).toBe(2);
    expect(rollbackTarget(runs('failed', 'deployed'))).toBeUndefined();
    expect(rollbackTarget([])).toBeUndefined();
  });

  test('a rollback that was killed is gone on with, not turned round', () => {
    const history = runs('superseded', 'deployed', 'pending').map((entry) =>
      entry.number === 3 ? { ...entry, action: 'rollback' as const } : entry,
    );
    expect(rollbackTarget(history)?.number).toBe(3);
    expect(rollbackTarget(endRun(history, 3, { status: 'deployed' }))?.number).toBe(2);
  });

  test('ten are kept, and the last deployed one however old; numbers are never used again', () => {
    let history: readonly HistoryEntry[] = runs('superseded', 'deployed');
    const droppedNumbers: number[] = [];
    for (let count = 0; count < 12; count += 1) {
      const { kept, dropped } = beginRun(history, facts);
      droppedNumbers.push(...dropped.map(({ number }) => number));
      history = endRun(kept, kept.at(-1)?.number ?? 0, { status: 'failed' });
    }
    expect(history.map(({ number }) => number)).toEqual([2, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
    expect(droppedNumbers).toEqual([1, 3, 4]);
    expect(lastDeployed(history)?.number).toBe(2);
  });

  describe('runs without a release', () => {
    const promote = { ...facts, action: 'promote', digest: '' } as const;

    test('a promote neither supersedes nor becomes the deployed release', () => {
      const { kept } = beginRun(runs('deployed'), promote);
      const history = endRun(kept, 2, { status: 'done' });
      expect(history.map(({ status }) => status)).toEqual(['deployed', 'done']);
      expect(lastDeployed(history)?.number).toBe(1);
      expect(lastChange(history)?.number).toBe(1);
      expect(history.filter(carriesRelease).map(({ number }) => number)).toEqual([1]);
    });

    test('an uninstall that was stopped is a change, and carries no release', () => {
      const { kept } = beginRun(runs('deployed'), { ...facts, action: 'uninstall' });
      expect(lastChange(kept)?.number).toBe(2);
      expect(kept.filter(carriesRelease).map(({ number }) => number)).toEqual([1]);
    });

    test('however many there are, no release is dropped for them', () => {
      let history: readonly HistoryEntry[] = runs('superseded', 'superseded', 'deployed');
      for (let count = 0; count < 25; count += 1) {
        const { kept, dropped } = beginRun(history, promote);
        expect(dropped.filter(carriesRelease)).toEqual([]);
        history = endRun(kept, kept.at(-1)?.number ?? 0, { status: 'done' });
      }
      expect(history.filter(carriesRelease)).toHaveLength(3);
      expect(history).toHaveLength(13);
    });
  });
});
