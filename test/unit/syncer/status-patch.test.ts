import { describe, expect, test } from '@jest/globals';
import { mergePatch } from '../../../syncer/status-patch.ts';

describe('mergePatch', () => {
  test('says only what differs, and null for what is gone', () => {
    const before = { a: 1, b: { c: 2, d: 3 }, e: [1, 2], gone: true };
    const after = { a: 1, b: { c: 2, d: 4 }, e: [1], more: 'x' };
    expect(mergePatch(before, after)).toEqual({ b: { d: 4 }, e: [1], gone: null, more: 'x' });
  });

  test('no difference is no patch', () => {
    expect(mergePatch({ a: [{ b: 1 }] }, { a: [{ b: 1 }] })).toBeUndefined();
  });

  test('an undefined field is a missing one', () => {
    expect(mergePatch({ a: 1 }, { a: undefined })).toEqual({ a: null });
    expect(mergePatch({}, { a: undefined })).toBeUndefined();
  });
});
