import { describe, expect, test } from '@jest/globals';
import { functionNames } from './calling.ts';

describe('helmFunctions', () => {
  test("has the 227 functions that are not Go's own and not the engine's", () => {
    expect(functionNames).toHaveLength(227);
    expect(new Set(functionNames).size).toBe(227);
  });

  test('has no way to the environment', () => {
    expect(functionNames).not.toContain('env');
    expect(functionNames).not.toContain('expandenv');
  });
});
