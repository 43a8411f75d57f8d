import { expect, test } from "vitest";
import { rules } from "#src/rules/index.ts";
import { parseConfiguration } from "#src/config/load.ts";
import { Interner } from "#src/network/interner.ts";
import { compilePolicy } from "#src/network/dialects/kubernetes.ts";
import { withPolicy } from "#src/network/policy-set.ts";
import { withSet } from "#src/view/change.ts";
import type { LiveView } from "#src/view/live-view.ts";
import type { LabelSelector } from "#src/wire/meta.ts";
import type { KubernetesObject } from "../support/objects.ts";
import { deliver, viewFromObjects } from "../support/view-from-objects.ts";

const kubeDns = `dns: { resolvers: [{ namespace: kube-system, pods: { k8s-app: kube-dns } }] }\n`;

function cluster(configuration: string, objects: readonly KubernetesObject[], dns = kubeDns): LiveView {
  const head = "apiVersion: config.ringfence.dev/v1alpha1\nkind: RingfenceConfiguration\n";
  const settings = parseConfiguration(Buffer.from(head + dns + configuration), "ringfence.yaml", rules);
  return viewFromObjects(objects, { interner: new Interner(), settings });
}

interface Options {
  readonly name?: string;
  readonly intent?: string;
  readonly labels?: Record<string, string>;
  readonly terminating?: boolean;
}

function namespace({ name = "shop", intent, labels = {}, terminating = false }: Options): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: {
      name,
      uid: `uid-${name}`,
      labels: { "kubernetes.io/metadata.name": name, ...labels },
      ...(intent !== undefined && { annotations: { "ringfence.dev/network-policies": intent } }),
      ...(terminating && { deletionTimestamp: "2026-01-01T00:00:00Z" }),
    },
  };
}

function isolating(name: string, podSelector: LabelSelector) {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name, namespace: "shop", uid: `uid-${name}` },
    spec: { podSelector, policyTypes: ["Egress"] },
  };
}

const namesIn = (view: LiveView, name = "shop"): string[] => view.dueCompanions(name).map((due) => due.name);
const enforced = { "ringfence.dev/enforce": "baseline" };
const byDefault = "intents: { defaults: [{ namespaces: {}, intent: { denyAll: { ingress: true } } }] }";

test("what a namespace declares is due, DNS first", () => {
  const view = cluster("", [namespace({ intent: "denyAll: true" })]);
  expect(namesIn(view)).toEqual(["ringfence-allow-dns", "ringfence-default-deny"]);
  expect(view.intentOf("shop").source).toBe("declared");
  expect(view.dueCompanions("shop").every(({ companion }) => companion)).toBe(true);
});

test("companions.dns: never leaves DNS to others and closes egress all the same", () => {
  const view = cluster("companions: { dns: never }", [namespace({ intent: "denyAll: true" })]);
  expect(namesIn(view)).toEqual(["ringfence-default-deny"]);
  expect(view.dueCompanions("shop")[0]?.isolates.egress).toBe(true);
});

test.each([
  ["a terminating one", "", namespace({ intent: "denyAll: true", terminating: true })],
  ["an exempt one", "exemptions: { namespaces: [shop] }", namespace({ intent: "denyAll: true" })],
  ["one of the system", "systemNamespaces: { names: [shop] }", namespace({ intent: "denyAll: true" })],
  ["one whose intent cannot be read", "", namespace({ intent: "denyall: true" })],
  ["one that declares nothing", "", namespace({})],
  ["one that enforces nothing", byDefault, namespace({})],
])("nothing is due in %s", (_, configuration, object) => {
  expect(namesIn(cluster(configuration, [object]))).toEqual([]);
});

test("while it is not known where the DNS is, nothing closes egress, and what is asked for is known all the same", () => {
  const view = cluster("", [namespace({ intent: "allowIntraNamespace: true" })], "");
  const facts = view.namespaces?.get("shop");
  if (facts === undefined) throw new Error("no namespace");
  const due = view.companionsFor(facts);
  expect(due.compiled.some(({ isolates }) => isolates.egress)).toBe(false);
  expect(due.compiledAsked).toBe(due.compiledAsked);
  expect(due.compiledAsked.map(({ name, isolates }) => [name, isolates.egress])).toEqual([
    ["ringfence-default-deny", true],
    ["ringfence-allow-intra-namespace", true],
  ]);
});

test("nothing is due in Ringfence's own namespace, whatever the system namespaces are", () => {
  const own = namespace({ name: "ringfence-system", intent: "denyAll: true" });
  expect(namesIn(cluster("systemNamespaces: { names: [] }", [own]), "ringfence-system")).toEqual([]);
});

test("a default intent is due where a profile is enforced, and a declared one wins", () => {
  const view = cluster(byDefault, [
    namespace({ labels: enforced }),
    namespace({ name: "data", labels: enforced, intent: "denyAll: { egress: true }" }),
  ]);
  expect(view.intentOf("shop").source).toBe("default");
  expect(namesIn(view)).toEqual(["ringfence-default-deny"]);
  expect(namesIn(view, "data")).toEqual(["ringfence-allow-dns", "ringfence-default-deny"]);
});

test("the same is due, and not found again, when a list brings an equal namespace; another when it changed", () => {
  const view = cluster("", [namespace({ intent: "denyAll: true" })]);
  const due = view.dueCompanions("shop");
  deliver(view, namespace({ intent: "denyAll: true" }));
  expect(view.dueCompanions("shop")).toBe(due);
  deliver(view, namespace({ intent: "denyAll: { ingress: true }" }));
  expect(namesIn(view)).toEqual(["ringfence-default-deny"]);
});

test("DNS on demand selects the pods that policies isolate and no others", () => {
  const view = cluster("companions: { dns: onDemand }", [
    namespace({ labels: enforced }),
    isolating("web", { matchLabels: { app: "web" } }),
    isolating("front", { matchLabels: { app: "web", tier: "front" } }),
  ]);
  expect(view.dueCompanions("shop").map(({ subject }) => subject.text)).toEqual(["app=web"]);
  const set = view.policies("shop");
  if (set === undefined) throw new Error("no set");
  const all = compilePolicy(isolating("all", {}));
  const after = withSet(view, withPolicy(set, all));
  expect(after.dueCompanions("shop").map(({ name, subject }) => [name, subject.text])).toEqual([
    ["ringfence-allow-dns", ""],
  ]);
  expect(namesIn(cluster("companions: { dns: onDemand }", [namespace({ labels: enforced })]))).toEqual([]);
});

test("DNS on demand comes and goes with the policies that isolate, and with the intent that opens it", () => {
  const on = "companions: { dns: onDemand }";
  const view = cluster(on, [namespace({ labels: enforced })]);
  const web = isolating("web", { matchLabels: { app: "web" } });
  const selected = (): string[] => view.dueCompanions("shop").map(({ subject }) => subject.text);
  expect(selected()).toEqual([]);
  deliver(view, web);
  expect(selected()).toEqual(["app=web"]);
  // What is written for it is no reason to keep it.
  const [due] = view.companionsFor(factsIn(view)).pieces;
  deliver(view, {
    ...isolating("ringfence-allow-dns-x", {}),
    metadata: {
      name: "ringfence-allow-dns-x",
      namespace: "shop",
      labels: { "app.kubernetes.io/managed-by": "ringfence" },
    },
    ...(due !== undefined && { spec: due.spec }),
  });
  expect(selected()).toEqual(["app=web"]);
  view.handlers.networkpolicies.remove(web);
  expect(selected()).toEqual([]);
  deliver(view, web);
  deliver(view, namespace({ labels: enforced, intent: "denyAll: true" }));
  expect(namesIn(view)).toEqual(["ringfence-allow-dns", "ringfence-default-deny"]);
  deliver(view, namespace({ labels: enforced, intent: "allowDNS: false" }));
  expect(namesIn(view)).toEqual([]);
  deliver(view, namespace({}));
  expect(namesIn(view)).toEqual([]);
});

test("DNS on demand that cannot be told is not the same as none that is wanted", () => {
  const unmetIn = (...policies: readonly KubernetesObject[]): unknown => {
    const objects = [namespace({ labels: enforced }), ...policies];
    const view = cluster("companions: { dns: onDemand }", objects, "");
    const facts = view.namespaces?.get("shop");
    return facts && view.companionsFor(facts).unmet.map(({ key }) => key);
  };
  expect(unmetIn(isolating("web", { matchLabels: { app: "web" } }))).toEqual(["allowDNS"]);
  expect(unmetIn()).toEqual([]);
});

function factsIn(view: LiveView, name = "shop") {
  const facts = view.namespaces?.get(name);
  if (facts === undefined) throw new Error("no namespace");
  return facts;
}
