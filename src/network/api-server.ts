import type { EndpointSlice } from "../wire/endpoint-slice.ts";
import type { Service } from "../wire/service.ts";
import { parseAddress } from "./address.ts";
import { blockHolds, singleAddress } from "./cidr.ts";
import type { Address } from "./address.ts";
import { compareText } from "./labels.ts";
import type { AllowEntry } from "./policy.ts";
import { opensPort } from "./ports.ts";

/** An address and port at which something answers over TCP. */
export interface TcpEndpoint {
  readonly address: Address;
  readonly port: number;
}

/** Where pods reach the API server. */
export interface ApiServer {
  /** What the Service `kubernetes` stands for, on the nodes' network or outside: what nearly all plugins look at. */
  readonly endpoints: readonly TcpEndpoint[];
  /** The addresses and ports of the Service itself, which some plugins look at. */
  readonly service: readonly TcpEndpoint[];
}

/** Of the Service default/kubernetes and its EndpointSlices; undefined where these name no endpoint. */
export function apiServerOf(
  service: Service | undefined,
  slices: Iterable<EndpointSlice>,
): ApiServer | undefined {
  const endpoints: TcpEndpoint[] = [];
  for (const { endpoints: found, ports } of slices) {
    const addresses = (found ?? [])
      .filter(({ conditions }) => conditions?.ready !== false)
      .flatMap((endpoint) => endpoint.addresses.map(parseAddress));
    for (const { port, protocol = "TCP" } of ports ?? []) {
      if (port === undefined || protocol !== "TCP") continue;
      for (const address of addresses) if (address !== undefined) endpoints.push({ address, port });
    }
  }
  if (endpoints.length === 0) return undefined;
  const { clusterIP, clusterIPs, ports = [] } = service?.spec ?? {};
  const addresses = (clusterIPs ?? (clusterIP === undefined ? [] : [clusterIP])).map(parseAddress);
  return {
    endpoints,
    service: addresses.flatMap((address) =>
      address === undefined ? [] : ports.map(({ port }) => ({ address, port })),
    ),
  };
}

/**
 * Whether an egress entry opens one of the endpoints. They are no pods of the cluster: only ranges, and rules without
 * peers, mean them.
 */
export function opensEndpoint({ peers, ports }: AllowEntry, endpoints: readonly TcpEndpoint[]): boolean {
  return endpoints.some(({ address, port }) => {
    if (opensPort(ports, "TCP", port, []) !== true) return false;
    return peers === "any" || peers.some((peer) => peer.kind === "ipBlock" && blockHolds(peer, address));
  });
}

/** `10.0.0.5/32`, `10.0.0.6/32`: the ranges to write, and the ports, each once and in order. */
export function endpointTexts(endpoints: readonly TcpEndpoint[]): {
  readonly ranges: readonly string[];
  readonly ports: readonly number[];
} {
  return {
    ranges: [...new Set(endpoints.map(({ address }) => singleAddress(address).text))].sort(compareText),
    ports: [...new Set(endpoints.map(({ port }) => port))].sort((a, b) => a - b),
  };
}
