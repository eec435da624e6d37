import { createServer, type Server } from 'node:http';
import type { OCIRepository } from '../../shared/api/oci-repository.ts';

export interface ArtifactServerDeps {
  /** The source object of a path `KIND/NAMESPACE/NAME/FILE`, as last observed. */
  readonly source: (namespace: string, name: string) => OCIRepository | undefined;
  readonly read: (source: OCIRepository) => Promise<Uint8Array>;
}

/**
 * Serves artifacts under the paths that `status.artifact.url` names, as Flux's source-controller does, for whatever else in
 * the cluster consumes Flux sources. Only the artifact that a source has now is served; any other path is 404, which consumers
 * take as "try again".
 */
export function createArtifactServer(deps: ArtifactServerDeps): Server {
  return createServer((request, response) => {
    const answer = (status: number, text: string): void => {
      response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
    };
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(405, 'method not allowed');
    const [path = ''] = (request.url ?? '').slice(1).split('?');
    const [kind, namespace = '', name = ''] = path.split('/');
    const source = kind === 'ocirepository' ? deps.source(namespace, name) : undefined;
    const artifact = source?.status?.artifact;
    if (!source || artifact?.path !== path) return answer(404, 'no such artifact');
    deps.read(source).then(
      (bytes) => {
        response.writeHead(200, { 'content-type': 'application/gzip', 'content-length': bytes.byteLength });
        response.end(request.method === 'HEAD' ? undefined : bytes);
      },
      () => answer(502, 'the artifact cannot be read from its registry now'),
    );
  });
}
