import { compareText } from "#src/network/labels.ts";
import type { NetworkPolicy } from "#src/wire/network-policy.ts";
import type { NaiveCluster, NaiveEnd, NaivePod } from "../network/naive/evaluator.ts";

/** Where expectations come from. */
export interface OracleSource {
  readonly id: string;
  readonly title: string;
  /** What was read: project, version, folder. */
  readonly source: string;
  /** What states the expected reachability. */
  readonly states: string;
  readonly cases: readonly OracleCase[];
}

/** One case: a cluster, changes of it step by step, and what is expected after each. */
export interface OracleCase {
  readonly id: string;
  /** Part of the source, as the document counts by it. */
  readonly group: string;
  /** The place in the source, for people. */
  readonly from: string;
  readonly namespaces: Readonly<Record<string, Labels>>;
  /** By `namespace/name`. */
  readonly pods: Readonly<Record<string, Labels>>;
  /** Of every pod, of those that come later too. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Addresses outside of the cluster that take part. */
  readonly outside: readonly string[];
  /** The ports of every pod. */
  readonly serves: readonly ServedPort[];
  readonly steps: readonly Step[];
}

export type Labels = Readonly<Record<string, string>>;

export interface Port {
  readonly protocol: string;
  readonly port: number;
}

export interface ServedPort extends Port {
  readonly name: string;
}

/** Changes, all at once, then what is expected. `null` deletes; labels are those that stand afterwards. */
export interface Step {
  /** Policies that come, or take the place of the one of their name. */
  readonly apply?: readonly NetworkPolicy[];
  /** By `namespace/name`. */
  readonly deletePolicies?: readonly string[];
  readonly namespaces?: Readonly<Record<string, Labels | null>>;
  readonly pods?: Readonly<Record<string, Labels | null>>;
  readonly tables: readonly Table[];
}

/** What is expected on one port, from (rows) and to (columns) each end in the order of `State.ends`. */
export interface Table {
  readonly port: Port;
  /** The ends that the rows are of, where the source names them. */
  readonly rows?: readonly string[];
  /** `undefined`: the source does not say. */
  readonly stated: readonly (readonly (boolean | undefined)[])[];
}

/** The cluster after a step. */
export interface State {
  readonly cluster: NaiveCluster;
  /** Pods in the order of their names, then addresses outside. */
  readonly ends: readonly { readonly name: string; readonly end: NaiveEnd }[];
}

/** The cluster after each step of a case. A deleted namespace takes its pods and policies with it. */
export function statesOf(oracle: OracleCase): readonly State[] {
  const namespaces = new Map(Object.entries(oracle.namespaces));
  const pods = new Map(Object.entries(oracle.pods));
  const policies = new Map<string, NetworkPolicy>();
  return oracle.steps.map((step) => {
    change(namespaces, step.namespaces);
    change(pods, step.pods);
    for (const policy of step.apply ?? []) policies.set(refOf(policy), policy);
    for (const ref of step.deletePolicies ?? []) policies.delete(ref);
    for (const ref of [...pods.keys()]) if (!namespaces.has(namespaceOf(ref))) pods.delete(ref);
    for (const ref of [...policies.keys()]) if (!namespaces.has(namespaceOf(ref))) policies.delete(ref);
    return stateOf(oracle, namespaces, pods, [...policies.values()]);
  });
}

function change(
  objects: Map<string, Labels>,
  changes: Readonly<Record<string, Labels | null>> | undefined,
): void {
  for (const [name, labels] of Object.entries(changes ?? {})) {
    if (labels === null) objects.delete(name);
    else objects.set(name, labels);
  }
}

function stateOf(
  oracle: OracleCase,
  namespaces: ReadonlyMap<string, Labels>,
  pods: ReadonlyMap<string, Labels>,
  policies: NetworkPolicy[],
): State {
  const ends = [...pods]
    .sort(([a], [b]) => compareText(a, b))
    .map(([ref, labels]) => ({ name: ref, end: podOf(oracle, ref, labels) }));
  return {
    cluster: {
      // kube-apiserver sets this label, whatever else is written.
      namespaces: [...namespaces].map(([name, labels]) => ({
        name,
        labels: { ...labels, "kubernetes.io/metadata.name": name },
      })),
      pods: ends.map(({ end }) => end),
      policies,
    },
    ends: [...ends, ...oracle.outside.map((ip) => ({ name: ip, end: { ip } }))],
  };
}

function podOf({ addresses, serves }: OracleCase, ref: string, labels: Labels): NaivePod {
  const address = addresses[ref];
  if (address === undefined) throw new Error(`no address for pod ${ref}: add one to "addresses"`);
  return {
    namespace: namespaceOf(ref),
    name: ref.slice(ref.indexOf("/") + 1),
    labels: { ...labels },
    ips: [address],
    node: "node-1",
    hostNetwork: false,
    ports: serves.map(({ name, protocol, port }) => ({ name, protocol, containerPort: port })),
  };
}

function namespaceOf(ref: string): string {
  return ref.slice(0, ref.indexOf("/"));
}

function refOf({ metadata }: NetworkPolicy): string {
  return `${metadata.namespace ?? ""}/${metadata.name ?? ""}`;
}

/** Reads `80/TCP`. */
export function readPort(text: string): Port {
  const [, port, protocol] = /^(\d+)\/(TCP|UDP|SCTP)$/.exec(text) ?? [];
  if (port === undefined || protocol === undefined)
    throw new Error(`"${text}" is no port: write it as 80/TCP`);
  return { protocol, port: Number(port) };
}

export function portText({ port, protocol }: Port): string {
  return `${port}/${protocol}`;
}

/** The port with the name that both sources give it: `serve-80-tcp`. */
export function servedPort(text: string): ServedPort {
  const { port, protocol } = readPort(text);
  return { name: `serve-${port}-${protocol.toLowerCase()}`, protocol, port };
}

/** Reads a row of a table: `.` allowed, `X` not, `-` not stated; spaces are nothing. */
export function readRow(text: string): readonly (boolean | undefined)[] {
  const letters = text.replaceAll(" ", "");
  return Array.from({ length: letters.length }, (_, i) => {
    const letter = letters.charAt(i);
    if (letter !== "." && letter !== "X" && letter !== "-")
      throw new Error(`"${letter}" in the row "${text}": only ".", "X" and "-" can stand there`);
    return letter === "-" ? undefined : letter === ".";
  });
}
