import { connects } from "#src/network/connection.ts";
import type { Connection, End } from "#src/network/connection.ts";
import { parseAddress } from "#src/network/address.ts";
import type { Address } from "#src/network/address.ts";
import { compilePolicy } from "#src/network/dialects/kubernetes.ts";
import { labelSet } from "#src/network/labels.ts";
import { policySet } from "#src/network/policy-set.ts";
import type { PolicySet } from "#src/network/policy-set.ts";
import { protocols } from "#src/network/ports.ts";
import type { NaiveCluster, NaiveEnd, NaivePod, Traffic } from "./evaluator.ts";

/** The product's evaluator over the same cluster: each policy compiled, each namespace's policies a set. */
export function productOf(cluster: NaiveCluster): (traffic: Traffic) => Connection {
  const compiled = cluster.policies.map((policy) => compilePolicy(policy));
  const places = new Map(
    cluster.namespaces.map(({ name, labels }) => [
      name,
      {
        identity: { name, labels: labelSet(labels) },
        set: policySet(
          name,
          compiled.filter(({ namespace }) => namespace === name),
        ),
      },
    ]),
  );
  const ends = new Map<NaivePod, End>();
  for (const pod of cluster.pods) {
    const place = places.get(pod.namespace);
    if (place === undefined) throw new Error(`no namespace ${pod.namespace}`);
    ends.set(pod, podEnd(pod, place.identity, place.set));
  }
  const endOf = (end: NaiveEnd): End => {
    if (!("namespace" in end)) return { kind: "outside", address: read(end.ip) };
    const known = ends.get(end);
    if (known === undefined) throw new Error(`no pod ${end.namespace}/${end.name}`);
    return known;
  };
  return ({ from, to, protocol, port }) => {
    const known = protocols.find((one) => one === protocol);
    if (known === undefined) throw new Error(`no protocol ${protocol}`);
    return connects(endOf(from), endOf(to), { protocol: known, port });
  };
}

function podEnd(
  pod: NaivePod,
  namespace: { name: string; labels: ReadonlyMap<string, string> },
  policies: PolicySet,
): End {
  return {
    kind: "pod",
    namespace,
    policies,
    labels: labelSet(pod.labels),
    namedPorts: pod.ports.flatMap(({ name, protocol, containerPort }) =>
      name === undefined ? [] : [{ name, protocol, port: containerPort }],
    ),
    hostNetwork: pod.hostNetwork,
    addresses: pod.ips.map(read),
    node: pod.node,
  };
}

function read(ip: string): Address {
  const address = parseAddress(ip);
  if (address === undefined) throw new Error(`no address ${ip}`);
  return address;
}
