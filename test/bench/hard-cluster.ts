import type { NetworkPolicy, NetworkPolicySpec } from "../../src/wire/network-policy.ts";
import type { LabelSelector } from "../../src/wire/meta.ts";
import type { ApiClient } from "../control-plane/api-client.ts";
import { duration, type Progress } from "../control-plane/progress.ts";
import { hardNamespace, type HardCase } from "./hard-cases.ts";
import { bareSpec, dnsRule, keyName, labelRich, makeRandom, oneOf, pick, valueName } from "./hard-labels.ts";

/** What stands in the namespace of a hard case before its review. */
interface HardSet {
  readonly policies: readonly NetworkPolicySpec[];
  /** The labels of each pod. */
  readonly pods: readonly Readonly<Record<string, string>>[];
}

/** Requests under way at once. */
const parallel = 32;

/** Makes the namespaces of these cases through the API server; they enforce restricted, so that every rule runs. */
export async function fillHard(
  admin: ApiClient,
  cases: readonly HardCase[],
  progress: Progress,
): Promise<void> {
  const start = Date.now();
  let made = 0;
  for (const hard of cases) {
    const name = hardNamespace(hard);
    const labels = { "ringfence.dev/enforce": "restricted" };
    const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
    await admin.expect("POST", "/api/v1/namespaces", { body: namespace });
    const { policies, pods } = hardSet(hard);
    const requests = [
      ...policies.map((spec, index) => ({ path: policiesPath(name), body: policy(`p-${index}`, spec) })),
      ...pods.map((podLabels, index) => ({ path: podsPath(name), body: pod(`pod-${index}`, podLabels) })),
    ];
    await postAll(admin, requests);
    made += 1 + requests.length;
  }
  progress(`hard: ${made} objects in ${cases.length} namespaces made in ${duration(Date.now() - start)}`);
}

/** Removes their policies and pods, so that the larger cluster has what its name says. */
export async function emptyHard(admin: ApiClient, cases: readonly HardCase[]): Promise<void> {
  for (const name of cases.map(hardNamespace)) {
    await admin.expect("DELETE", policiesPath(name));
    await admin.expect("DELETE", `${podsPath(name)}?gracePeriodSeconds=0`);
  }
}

const policiesPath = (namespace: string): string =>
  `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`;
const podsPath = (namespace: string): string => `/api/v1/namespaces/${namespace}/pods`;

async function postAll(
  admin: ApiClient,
  requests: readonly { readonly path: string; readonly body: object }[],
): Promise<void> {
  const left = requests.values();
  const worker = async (): Promise<void> => {
    for (const { path, body } of left) await admin.expect("POST", path, { body });
  };
  await Promise.all(Array.from({ length: parallel }, worker));
}

function policy(name: string, spec: NetworkPolicySpec): NetworkPolicy {
  return { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name }, spec };
}

function pod(name: string, labels: Readonly<Record<string, string>>): object {
  const containers = [
    { name: "app", image: "registry.example/app:1.0", ports: [{ name: "http", containerPort: 8080 }] },
  ];
  const spec = { automountServiceAccountToken: false, containers };
  return { apiVersion: "v1", kind: "Pod", metadata: { name, labels }, spec };
}

/** The same at every call: chance is seeded. In every set each pod that is present may resolve names. */
export function hardSet(hard: HardCase): HardSet {
  switch (hard) {
    case "policies":
      return variedPolicies();
    case "pods":
      return manyPods();
    case "peers":
      return { policies: [isolateAll, ...dnsForHalves(20)], pods: tiers(40, 20) };
    case "search":
      return coveringSet({ clauses: 130, split: false });
    case "ports":
      return coveringSet({ clauses: 130, split: true });
    case "values":
      return longLists();
  }
}

const isolateAll: NetworkPolicySpec = { podSelector: {}, policyTypes: ["Ingress", "Egress"] };

function allowDns(
  podSelector: LabelSelector,
  protocols: readonly string[] = ["UDP", "TCP"],
): NetworkPolicySpec {
  return { podSelector, policyTypes: ["Egress"], egress: [dnsRule(protocols)] };
}

/** `count` pods of `apps` applications. */
function tiers(count: number, apps: number): Record<string, string>[] {
  return Array.from({ length: count }, (_, i) => ({
    app: `app-${i % apps}`,
    track: i % 3 === 0 ? "canary" : "stable",
    version: `v${i % 7}`,
  }));
}

/** Two policies for each five applications, which only together let all their pods ask the DNS. */
function dnsForHalves(apps: number): NetworkPolicySpec[] {
  return Array.from({ length: apps / 5 }, (_, i) => {
    const five = oneOf(
      "app",
      Array.from({ length: 5 }, (__, j) => `app-${i * 5 + j}`),
    );
    return [
      allowDns({ matchExpressions: [five, oneOf("track", ["canary"])] }),
      allowDns({ matchExpressions: [five, { key: "track", operator: "NotIn", values: ["canary"] }] }),
    ];
  }).flat();
}

/** 500 policies: 40 that allow DNS, 460 of 100 applications with selectors of every operator, most isolating egress. */
function variedPolicies(): HardSet {
  const extras = (i: number): NonNullable<LabelSelector["matchExpressions"]> => [
    { key: "track", operator: "In", values: ["canary", `stable-${i % 11}`] },
    { key: "version", operator: "NotIn", values: [`v${i % 7}`, `v${(i + 1) % 7}`] },
    { key: "legacy", operator: "DoesNotExist" },
    { key: "version", operator: "Exists" },
  ];
  const others = Array.from({ length: 460 }, (_, i): NetworkPolicySpec => {
    const podSelector = {
      matchLabels: { app: `app-${i % 100}` },
      matchExpressions: extras(i).slice(0, i % 5),
    };
    return {
      ...bareSpec(`app-${(i + 1) % 100}`),
      podSelector,
      ...(i % 4 === 0 ? { policyTypes: ["Ingress"], egress: [] } : {}),
    };
  });
  return { policies: [...dnsForHalves(100), ...others], pods: tiers(200, 100) };
}

/** 2 000 pods, no two with the same labels. That all may ask the DNS is seen only by looking at each. */
function manyPods(): HardSet {
  const pods = Array.from({ length: 2_000 }, (_, i) => ({
    app: `app-${i % 40}`,
    track: i % 3 === 0 ? "canary" : "stable",
    version: `v${i % 7}`,
    "statefulset.kubernetes.io/pod-name": `app-${i % 40}-${Math.floor(i / 40)}`,
  }));
  const perApp = Array.from({ length: 40 }, (_, i) => bareSpec(`app-${i}`));
  return { policies: [isolateAll, ...dnsForHalves(40), ...perApp], pods };
}

/** How many keys and values the policies of the search differ by. */
const keys = 24;
const values = 8;

/**
 * Selectors that the union of many DNS allows covers, each of which leaves out seven eighths: whether it does is as hard
 * as 3-SAT. With `split` each policy opens one protocol only.
 */
function coveringSet({ clauses, split }: { readonly clauses: number; readonly split: boolean }): HardSet {
  const random = makeRandom(7);
  const selectors = Array.from({ length: clauses }, (): LabelSelector => {
    const three = pick(random, keys, 3);
    return {
      matchExpressions: three.map((key) =>
        oneOf(keyName(key), pick(random, values, values / 2).map(valueName)),
      ),
    };
  });
  const allows = selectors.flatMap((selector) =>
    split ? [allowDns(selector, ["UDP"]), allowDns(selector, ["TCP"])] : [allowDns(selector)],
  );
  const isolating = Array.from({ length: 20 }, (_, i): NetworkPolicySpec => ({
    ...bareSpec("db"),
    podSelector: labelRich(keys, values, i),
  }));
  return { policies: [...allows, ...isolating], pods: podsWithin(selectors, random) };
}

/** For each selector two pods that it selects, with a value of every key. */
function podsWithin(selectors: readonly LabelSelector[], random: () => number): Record<string, string>[] {
  return [...selectors, ...selectors].map(({ matchExpressions = [] }) => {
    const any = Array.from({ length: keys }, (_, key) => [
      keyName(key),
      valueName(Math.floor(random() * values)),
    ]);
    const wanted = matchExpressions.map(({ key, values: [value = ""] = [] }) => [key, value]);
    return Object.fromEntries([...any, ...wanted]) as Record<string, string>;
  });
}

/** DNS allows whose two lists have as many values as the configured limit lets one selector have. */
function longLists(): HardSet {
  const random = makeRandom(11);
  const selectors = Array.from({ length: 200 }, (): LabelSelector => {
    const two = pick(random, 6, 2);
    return {
      matchExpressions: two.map((key) => oneOf(keyName(key), pick(random, 1_000, 248).map(valueName))),
    };
  });
  const pods = selectors.map(({ matchExpressions = [] }) =>
    Object.fromEntries(matchExpressions.map(({ key, values: [value = ""] = [] }) => [key, value])),
  ) as Record<string, string>[];
  return { policies: [isolateAll, ...selectors.map((selector) => allowDns(selector))], pods };
}
