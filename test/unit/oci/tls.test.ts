import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { RegistryClient, type RegistryClientOptions } from '../../../shared/oci/client.ts';
import { TestAuthority } from '../../env/certificates.ts';

const authority = new TestAuthority('registry-ca');
const login = authority.issue({ commonName: 'me' });
let server: Server;
let host: string;
let clients: (string | undefined)[] = [];

beforeAll(async () => {
  const { certificate, privateKey } = authority.issue({ commonName: 'registry', dnsNames: ['localhost'] });
  const options = { cert: certificate, key: privateKey, ca: authority.certificate, requestCert: true };
  server = createServer({ ...options, rejectUnauthorized: false }, (request, response) => {
    const socket = request.socket as TLSSocket;
    clients.push(socket.authorized ? String(socket.getPeerCertificate().subject.CN) : undefined);
    response.end(JSON.stringify({ tags: ['1.0.0'] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function tagsWith(options: RegistryClientOptions): Promise<string[]> {
  clients = [];
  const client = new RegistryClient({ timeoutMs: 3000, ...options });
  try {
    return await client.listTags({ registry: host, repository: 'a/b' });
  } finally {
    await client.close();
  }
}

test('an unknown authority is refused: no retry in plain HTTP, though the address would allow it', async () => {
  await expect(tagsWith({})).rejects.toMatchObject({
    code: 'network',
    message: expect.stringContaining('certificate'),
  });
  expect(clients).toEqual([]);
});

test('certSecretRef’s authority and client certificate are used', async () => {
  expect(await tagsWith({ tls: { ca: authority.certificate } })).toEqual(['1.0.0']);
  const { certificate: cert, privateKey: key } = login;
  expect(await tagsWith({ tls: { ca: authority.certificate, cert, key } })).toEqual(['1.0.0']);
  expect(clients).toEqual(['me']);
});

test('insecure skips the check; with a certSecretRef it does not', async () => {
  expect(await tagsWith({ insecure: true })).toEqual(['1.0.0']);
  const other = new TestAuthority('other').certificate;
  await expect(tagsWith({ insecure: true, tls: { ca: other } })).rejects.toMatchObject({ code: 'network' });
});
