import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

// The API server's request metrics do not tell its clients apart; its audit log does. Only the measured users are logged, the
// floor's client like the syncer, so that both bear the cost of it.

export const syncerUser = 'chartroom-syncer';
export const floorUser = 'chartroom-floor';

/** Writes the audit policy into `dir` and returns the API server's flags for it. */
export async function auditFlags(dir: string): Promise<string[]> {
  const policy = {
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived', 'ResponseStarted'],
    rules: [{ level: 'Metadata', users: [syncerUser, floorUser] }, { level: 'None' }],
  };
  const file = join(dir, 'audit-policy.json');
  await writeFile(file, JSON.stringify(policy));
  return [`--audit-policy-file=${file}`, `--audit-log-path=${logFile(dir)}`, '--audit-log-maxsize=1000'];
}

function logFile(dir: string): string {
  return join(dir, 'audit.log');
}

/** How many requests of each kind (`create secrets`, `patch helmreleases/status`) one user has made so far; watches left out. */
export function requestCounts(dir: string, user: string): Map<string, number> {
  const counts = new Map<string, number>();
  if (!existsSync(logFile(dir))) return counts;
  for (const line of readFileSync(logFile(dir), 'utf8').split('\n')) {
    if (line === '') continue;
    const event = JSON.parse(line) as {
      verb: string;
      user: { username: string };
      requestURI: string;
      objectRef?: { resource?: string; subresource?: string };
    };
    if (event.user.username !== user || event.verb === 'watch') continue;
    const { resource, subresource } = event.objectRef ?? {};
    const what =
      resource === undefined ? event.requestURI.replace(/\?.*/, '') : [resource, subresource].filter(Boolean).join('/');
    const kind = `${event.verb} ${what}`;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

/** What was added between two counts. */
export function countsSince(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): Map<string, number> {
  const added = [...after].map(([kind, count]): [string, number] => [kind, count - (before.get(kind) ?? 0)]);
  return new Map(added.filter(([, count]) => count > 0).sort(([, a], [, b]) => b - a));
}
