import type { AddressInfo, Server } from "node:net";
import { messageOf, RingfenceError } from "../errors.ts";

/** Where a server listens; port 0 asks the system for a free one. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Begins to listen and gives the port. Rejects with RF_ERR_LISTEN where the address cannot be had. */
export async function listen(server: Server, address: Address): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  server.once("error", reject);
  server.listen(address, () => resolve(undefined));
  try {
    await promise;
  } catch (cause) {
    const why = messageOf(cause);
    throw new RingfenceError(
      "RF_ERR_LISTEN",
      `cannot listen on ${address.host}:${address.port}: ${why}. Choose another address or port`,
      { cause },
    );
  } finally {
    server.off("error", reject);
  }
  return portOf(server);
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}
