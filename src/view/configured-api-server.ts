import type { Settings } from "../model/settings.ts";
import type { ApiServer } from "../network/api-server.ts";
import { parseAddress } from "../network/address.ts";

/** Where configuration says that pods reach the API server; undefined where it says nothing. */
export function configuredApiServer(section: Settings["apiServer"]): ApiServer | undefined {
  if (section === undefined) return undefined;
  const endpoints = section.addresses.flatMap((text) => {
    const address = parseAddress(text);
    return address === undefined ? [] : section.ports.map((port) => ({ address, port }));
  });
  return { endpoints, service: [] };
}
