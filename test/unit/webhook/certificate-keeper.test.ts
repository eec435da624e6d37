import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { CertificateKeeper, type Served } from '../../../webhook/certificate-keeper.ts';

const one: Served = { serving: { certificate: 'c1', key: 'k1' }, trusted: 'a1' };
const renewed: Served = { serving: { certificate: 'c2', key: 'k2' }, trusted: 'a1' };
const rotated: Served = { serving: { certificate: 'c3', key: 'k3' }, trusted: 'a2a1' };

function setUp() {
  const calls: string[] = [];
  const state: { served: Served | undefined } = { served: one };
  const keeper = new CertificateKeeper({
    load: async () => {
      if (state.served === undefined) throw new Error('no answer');
      return state.served;
    },
    publish: async (trusted) => void calls.push(`publish ${trusted}`),
    use: ({ certificate }) => void calls.push(`use ${certificate}`),
    wait: async () => void calls.push('wait'),
    log: pino({ level: 'silent' }),
  });
  return { calls, state, keeper };
}

test('publishes a new authority and waits before it serves by it', async () => {
  const { calls, state, keeper } = setUp();
  expect(await keeper.start()).toBe(one.serving);
  await keeper.refresh();
  state.served = renewed;
  await keeper.refresh();
  state.served = rotated;
  await keeper.refresh();
  expect(calls).toEqual(['publish a1', 'publish a1', 'publish a1', 'use c2', 'publish a2a1', 'wait', 'use c3']);
});

test('serves on by the last good certificate when there is no answer', async () => {
  const { calls, state, keeper } = setUp();
  await keeper.start();
  state.served = undefined;
  await keeper.refresh();
  state.served = renewed;
  await keeper.refresh();
  expect(calls.at(-1)).toBe('use c2');
});
