import { randomInt } from "node:crypto";
import { createServer, type Server } from "node:net";

/**
 * Ports are drawn below the range that Linux gives to outgoing connections (32 768 and up): a port that is
 * free now cannot be taken as some client's own before the server that it is meant for listens on it.
 */
const lowest = 20_000;
const highest = 32_000;

/** `count` different ports on 127.0.0.1 that nobody listens on. */
export async function freePorts(count: number): Promise<number[]> {
  const servers: Server[] = [];
  const ports: number[] = [];
  try {
    for (let tries = 0; ports.length < count; tries += 1) {
      if (tries > 1000) throw new Error(`no free port found between ${lowest} and ${highest} on 127.0.0.1`);
      const port = randomInt(lowest, highest);
      const server = await listen(port);
      if (server === undefined) continue;
      servers.push(server);
      ports.push(port);
    }
    return ports;
  } finally {
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }
}

async function listen(port: number): Promise<Server | undefined> {
  const server = createServer();
  return await new Promise((resolve) => {
    server.once("error", () => {
      resolve(undefined);
    });
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => {
      resolve(server);
    });
  });
}
