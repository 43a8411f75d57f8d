import { expect, test } from "vitest";
import type { AddressFacts } from "#src/network/cluster-addresses.ts";
import { addressesOf } from "#src/serve/addresses.ts";

const question = { verb: "list", resource: "servicecidrs.networking.k8s.io" } as const;
const absent = { state: "absent", question } as const;

test("found anew when other facts are read or another configuration is in force, and only then", () => {
  const state: {
    facts: AddressFacts | undefined;
    clusterAddresses: Record<"pods" | "services" | "nodes", string[]>;
  } = {
    facts: undefined,
    clusterAddresses: { pods: [], services: [], nodes: [] },
  };
  const addresses = addressesOf(
    () => state.facts,
    () => state,
  );
  expect(addresses()).toBeUndefined();
  const serviceCidrs = { state: "read", question, value: ["10.96.0.0/16"] } as const;
  state.facts = { nodes: absent, controlPlaneNodes: absent, serviceCidrs };
  const read = addresses();
  expect(read?.services.has(4)).toBe(true);
  expect(addresses()).toBe(read);
  state.clusterAddresses = { ...state.clusterAddresses, pods: ["fd00::/64"] };
  expect(addresses()?.pods.has(6)).toBe(true);
});
