import { describe, expect, test } from '@jest/globals';
import { deleteConditions, isFalse, isTrue, setCondition } from '../../../shared/api/conditions.ts';

const first = new Date('2026-01-01T00:00:00.900Z');
const later = new Date('2026-01-02T00:00:00Z');
const ready = { type: 'Ready', status: 'True', reason: 'InstallSucceeded', message: 'done' } as const;

describe('setCondition', () => {
  test('keeps the transition time while status, reason and message stay, and always takes the generation', () => {
    const before = setCondition(undefined, ready, 1, first);
    expect(before).toEqual([{ ...ready, observedGeneration: 1, lastTransitionTime: '2026-01-01T00:00:00Z' }]);
    expect(setCondition(before, ready, 2, later)).toEqual([
      { ...ready, observedGeneration: 2, lastTransitionTime: '2026-01-01T00:00:00Z' },
    ]);
    const [changed] = setCondition(before, { ...ready, message: 'again' }, 2, later);
    expect(changed?.lastTransitionTime).toBe('2026-01-02T00:00:00Z');
  });

  test('orders Stalled, Reconciling, Ready, then by generation and type', () => {
    let conditions = setCondition([], { ...ready, type: 'Released' }, 2, first);
    for (const type of ['TestSuccess', 'Drifted', 'Ready', 'Reconciling', 'Stalled']) {
      conditions = setCondition(conditions, { ...ready, type }, type === 'TestSuccess' ? 3 : 2, first);
    }
    const types = conditions.map(({ type }) => type);
    expect(types).toEqual(['Stalled', 'Reconciling', 'Ready', 'TestSuccess', 'Drifted', 'Released']);
  });

  test('cuts a message that is too long at a whole character', () => {
    const [condition] = setCondition([], { ...ready, message: 'é'.repeat(20_000) }, 1, first);
    expect(Buffer.byteLength(condition?.message ?? '')).toBeLessThanOrEqual(32_768);
    expect(condition?.message).toMatch(/^é+\.\.\.$/);
  });
});

test('reads and deletes conditions', () => {
  const conditions = setCondition([], ready, 1, first);
  expect([isTrue(conditions, 'Ready'), isFalse(conditions, 'Ready'), isTrue(conditions, 'Stalled')]).toEqual([
    true,
    false,
    false,
  ]);
  expect(deleteConditions(conditions, 'Ready', 'Stalled')).toEqual([]);
});
