import { expect, test } from '@jest/globals';
import { createLogger, type LogEncoding } from '../../shared/log.ts';

function lines(encoding: LogEncoding): string[] {
  const out: string[] = [];
  const log = createLogger('webhook', 'info', encoding, { write: (line) => void out.push(line) });
  log.debug('unseen');
  log.info({ a: 1 }, 'seen');
  return out;
}

test('json lines have level, ts, logger and msg', () => {
  const [line, ...rest] = lines('json');
  expect(rest).toEqual([]);
  expect(JSON.parse(line ?? '')).toEqual({
    level: 'info',
    ts: expect.any(String),
    logger: 'webhook',
    a: 1,
    msg: 'seen',
  });
  expect(Number.isNaN(Date.parse(JSON.parse(line ?? '').ts))).toBe(false);
});

test('console lines are for people', () => {
  expect(lines('console')).toEqual([expect.stringMatching(/^\S+Z\tINFO\twebhook\tseen\t\{"a":1\}\n$/)]);
});
