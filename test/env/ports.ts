import { createServer } from 'node:net';

const lowest = 20_000;
const highest = 32_000; // below Linux's ephemeral range, so no outgoing connection takes the port in between

/** A TCP port on 127.0.0.1 that was free a moment ago. Callers retry with another one when binding it fails. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    if (await isFree(port)) return port;
  }
  throw new Error(`no free TCP port found on 127.0.0.1 between ${lowest} and ${highest}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
