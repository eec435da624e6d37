import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type Answer, helmFolder, runTemplate } from './helm-command.ts';

const main = path.resolve(import.meta.dirname, '../../cli/main.ts');
const answers = JSON.parse(readFileSync(path.join(helmFolder, 'answers.json'), 'utf8')) as Answer[];

describe('chartroom template against the recorded answers of helm template', () => {
  test.each(answers.map((answer) => [answer.args.join(' '), answer] as const))('%s', (_, wanted) => {
    expect(runTemplate([process.execPath, main], wanted.args)).toEqual(wanted);
  });
});
