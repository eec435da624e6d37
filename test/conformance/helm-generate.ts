/** Records what Helm v4.3.1 answers to data/helm/cases.json: `node test/conformance/helm-generate.ts`. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { asset } from '../env/assets.ts';
import { helmFolder, runTemplate } from './helm-command.ts';

const helm = await asset('helm');
const cases = JSON.parse(readFileSync(path.join(helmFolder, 'cases.json'), 'utf8')) as string[][];
const answers = cases.map((args) => runTemplate([helm], args));
writeFileSync(path.join(helmFolder, 'answers.json'), `${JSON.stringify(answers, null, 1)}\n`);
