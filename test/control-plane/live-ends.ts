import type { End } from "#src/network/connection.ts";
import { parseAddress } from "#src/network/address.ts";
import { compilePolicy } from "#src/network/dialects/kubernetes.ts";
import { labelSet } from "#src/network/labels.ts";
import { policySet, type PolicySet } from "#src/network/policy-set.ts";
import type { Protocol } from "#src/network/ports.ts";
import type { NetworkPolicy } from "#src/wire/network-policy.ts";
import type { ApiClient } from "./api-client.ts";

interface Listed<T> {
  readonly items: readonly T[];
}

interface Meta {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
}

interface PodObject extends Meta {
  readonly spec: {
    readonly hostNetwork?: boolean;
    readonly containers: readonly {
      readonly ports?: readonly {
        readonly name?: string;
        readonly containerPort: number;
        readonly protocol: Protocol;
      }[];
    }[];
  };
  readonly status: { readonly podIP?: string };
}

/**
 * The pods of these namespaces as ends of connections, by `namespace/name`, under the policies that are stored; and
 * addresses outside, each by what it stands for.
 */
export async function liveEnds(
  admin: ApiClient,
  namespaces: readonly string[],
  outside: Readonly<Record<string, string>> = {},
): Promise<ReadonlyMap<string, End>> {
  const ends = new Map<string, End>();
  for (const name of namespaces) {
    const namespace = (await admin.expect("GET", `/api/v1/namespaces/${name}`)) as Meta;
    const path = `/apis/networking.k8s.io/v1/namespaces/${name}/networkpolicies`;
    const policies = (await admin.expect("GET", path)) as Listed<NetworkPolicy>;
    const set = policySet(
      name,
      policies.items.map((policy) => compilePolicy(policy)),
    );
    const pods = (await admin.expect("GET", `/api/v1/namespaces/${name}/pods`)) as Listed<PodObject>;
    const identity = { name, labels: labelSet(namespace.metadata.labels) };
    for (const pod of pods.items) ends.set(`${name}/${pod.metadata.name}`, podEnd(pod, identity, set));
  }
  for (const [name, text] of Object.entries(outside)) {
    ends.set(name, { kind: "outside", address: addressOf(text) });
  }
  return ends;
}

function podEnd(
  { metadata, spec, status }: PodObject,
  namespace: { readonly name: string; readonly labels: ReturnType<typeof labelSet> },
  policies: PolicySet,
): End {
  const ports = spec.containers.flatMap((container) => container.ports ?? []);
  return {
    kind: "pod",
    namespace,
    policies,
    labels: labelSet(metadata.labels),
    namedPorts: ports.flatMap(({ name, containerPort, protocol }) =>
      name === undefined ? [] : [{ name, protocol, port: containerPort }],
    ),
    hostNetwork: spec.hostNetwork ?? false,
    addresses: status.podIP === undefined ? [] : [addressOf(status.podIP)],
  };
}

function addressOf(text: string) {
  const address = parseAddress(text);
  if (address === undefined) throw new Error(`no address: ${text}`);
  return address;
}
