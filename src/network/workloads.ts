import type { Pod, PodSpec, PodTemplate } from "../wire/pod.ts";
import type { Interner } from "./interner.ts";
import { compareText, labelSet, labelSetKey } from "./labels.ts";
import type { LabelSet } from "./labels.ts";
import type { NamedPort } from "./ports.ts";

/** A pod, or the pod template of a workload: what network policies depend on. */
export interface WorkloadFacts {
  readonly kind: "pod" | "template";
  /** A pod's name; of a template that of its workload, as `Deployment/web`. */
  readonly name: string;
  readonly labels: LabelSet;
  readonly namedPorts: readonly NamedPort[];
  /** Policies have no effect on pods of the node's network. */
  readonly hostNetwork: boolean;
  /** ClusterFirst where nothing is said, as the API defaults it. */
  readonly dnsPolicy: string;
  /** It has a deletionTimestamp. */
  readonly terminating: boolean;
  /** Phase Succeeded or Failed: it will not run again. */
  readonly finished: boolean;
  /**
   * Of a pod, what controls it at the end of its chain of owners: absent where that is there and stays, or nothing does;
   * "going" where it is being deleted or gone, and the pod goes with it; "unknown" where nobody knows.
   */
  readonly root?: "going" | "unknown";
  /**
   * The service account as which its containers may call the API server straight: one of their own, whose token is
   * mounted. Absent as well where that is not known, or where they are told of a proxy.
   */
  readonly apiAccount?: string;
}

/** Pods or templates of one namespace that no network policy can tell apart. */
export interface WorkloadGroup extends Omit<WorkloadFacts, "name"> {
  /** Canonical text of what they have in common: equal groups have equal ids, in any snapshot. */
  readonly id: string;
  readonly count: number;
  /** The first few names, in order. */
  readonly examples: readonly string[];
}

/** Whether policies act on it: it runs or will, on the network of pods. */
export function obeysPolicies({
  hostNetwork,
  terminating,
  finished,
}: Pick<WorkloadFacts, "hostNetwork" | "terminating" | "finished">): boolean {
  return !hostNetwork && !terminating && !finished;
}

const exampleCount = 3;

/** What is kept of a pod. */
export function podFacts(pod: Pod, interner: Interner): WorkloadFacts {
  const phase = pod.status?.phase;
  return {
    kind: "pod",
    name: pod.metadata.name ?? "",
    labels: interner.internLabels(labelSet(pod.metadata.labels)),
    ...specFacts(pod.spec),
    // Admission has added the volume where the account's token is mounted.
    ...apiAccount(pod.spec, false),
    terminating: Boolean(pod.metadata.deletionTimestamp),
    finished: phase === "Succeeded" || phase === "Failed",
  };
}

/** What is kept of a workload's pod template; `name` as `Deployment/web`; `terminating` is the workload's. */
export function templateFacts(
  name: string,
  template: PodTemplate,
  terminating: boolean,
  interner: Interner,
): WorkloadFacts {
  return {
    kind: "template",
    name,
    labels: interner.internLabels(labelSet(template.metadata?.labels)),
    ...specFacts(template.spec),
    // Without a word of the template its account decides, which is not known.
    ...apiAccount(template.spec, template.spec?.automountServiceAccountToken === true),
    terminating,
    finished: false,
  };
}

/** Groups what policies cannot tell apart; in the order of the ids. */
export function groupWorkloads(facts: Iterable<WorkloadFacts>): readonly WorkloadGroup[] {
  const groups = new Map<string, { first: WorkloadFacts; names: string[] }>();
  for (const fact of facts) {
    const id = groupId(fact);
    const group = groups.get(id);
    if (group === undefined) groups.set(id, { first: fact, names: [fact.name] });
    else group.names.push(fact.name);
  }
  return [...groups]
    .sort(([a], [b]) => compareText(a, b))
    .map(([id, { first, names }]) => {
      const { kind, labels, namedPorts, hostNetwork, dnsPolicy, terminating, finished, root, apiAccount } =
        first;
      const common = { kind, labels, namedPorts, hostNetwork, dnsPolicy, terminating, finished };
      const optional = {
        ...(root !== undefined && { root }),
        ...(apiAccount !== undefined && { apiAccount }),
      };
      const examples = names.sort().slice(0, exampleCount);
      return { id, ...common, ...optional, count: names.length, examples };
    });
}

function groupId(fact: WorkloadFacts): string {
  const ports = fact.namedPorts.map(({ name, protocol, port }) => `${name}:${port}/${protocol}`).sort();
  const flags = [
    fact.hostNetwork && "hostNetwork",
    fact.terminating && "terminating",
    fact.finished && "finished",
    fact.root !== undefined && `root ${fact.root}`,
    fact.apiAccount !== undefined && `account ${fact.apiAccount}`,
  ].filter((flag) => flag !== false);
  return `${fact.kind} ${labelSetKey(fact.labels)} ${ports.join(",")} ${fact.dnsPolicy} ${flags.join(",")}`;
}

function specFacts(
  spec: PodSpec | undefined,
): Pick<WorkloadFacts, "namedPorts" | "hostNetwork" | "dnsPolicy"> {
  return {
    namedPorts: namedPortsOf(spec),
    hostNetwork: spec?.hostNetwork === true,
    dnsPolicy: spec?.dnsPolicy ?? "ClusterFirst",
  };
}

function apiAccount(
  { serviceAccountName = "default", volumes, containers }: PodSpec = {},
  asked: boolean,
): Pick<WorkloadFacts, "apiAccount"> {
  // Every pod gets the token of the account `default`, whether it calls the API server or not.
  if (serviceAccountName === "default" || serviceAccountName === "") return {};
  const mounted =
    asked ||
    (volumes ?? []).some(({ projected }) =>
      projected?.sources?.some(
        ({ serviceAccountToken: token }) => token !== undefined && (token.audience ?? "") === "",
      ),
    );
  const proxied = (containers ?? []).some(({ env }) =>
    env?.some(({ name }) => name.toLowerCase() === "https_proxy"),
  );
  return mounted && !proxied ? { apiAccount: serviceAccountName } : {};
}

/** The named ports of the containers that run beside each other: plain ones and sidecars. */
export function namedPortsOf(spec: PodSpec | undefined): readonly NamedPort[] {
  const sidecars = (spec?.initContainers ?? []).filter((container) => container.restartPolicy === "Always");
  const ports: NamedPort[] = [];
  for (const container of [...(spec?.containers ?? []), ...sidecars]) {
    for (const { name, protocol = "TCP", containerPort } of container.ports ?? []) {
      if (name !== undefined && name !== "") ports.push({ name, protocol, port: containerPort });
    }
  }
  return ports.length === 0 ? noPorts : ports;
}

const noPorts: readonly NamedPort[] = [];
