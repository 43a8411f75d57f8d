// What companions would cut off stays open until an operator confirms.
import { describe, expect, test } from "vitest";
import type { DueCompanions } from "#src/model/companions.ts";
import type { LiveView } from "#src/view/live-view.ts";
import { settingsWith } from "../support/settings.ts";
import {
  apiServer,
  deliver,
  knownView,
  kubeDns,
  namespace,
  pod,
  policy,
  service,
  type Objects,
} from "./support.ts";

const intent = (text: string, annotations: Record<string, string> = {}) => {
  const shop = namespace("shop");
  const declared = { "ringfence.dev/network-policies": text, ...annotations };
  return { ...shop, metadata: { ...shop.metadata, annotations: declared } };
};
const denyAll = intent("denyAll: true");
const confirmed = (names: string) => intent("denyAll: true", { "ringfence.dev/confirm-isolation": names });
const hooks = (webhook = "hooks.example.com") => ({
  metadata: { name: "hooks" },
  webhooks: [{ name: webhook, clientConfig: { service: { namespace: "shop", name: "api", port: 80 } } }],
});

function viewOf(objects: Objects): LiveView {
  return knownView(
    {
      ...kubeDns(),
      pods: [pod("kube-system", "coredns", { "k8s-app": "kube-dns" }), pod("shop", "api-1", { app: "api" })],
      services: [service("shop", "api")],
      validatingwebhookconfigurations: [hooks()],
      ...apiServer(),
      ...objects,
      namespaces: [namespace("kube-system"), namespace("other"), ...(objects.namespaces ?? [denyAll])],
    },
    { settings: () => settingsWith({}) },
  );
}

function dueIn(view: LiveView): DueCompanions {
  const facts = view.namespaces?.get("shop");
  if (facts === undefined) throw new Error("no namespace");
  return view.companionsFor(facts);
}
const directionsOf = ({ pieces }: DueCompanions): string[] => [
  ...new Set(pieces.flatMap(({ spec }) => spec.policyTypes ?? [])),
];

const open = ["Egress"];
const closed = ["Egress", "Ingress"];

describe("a default deny on pods behind a webhook", () => {
  test("leaves ingress open, and says why and how to confirm", () => {
    const due = dueIn(viewOf({}));
    expect(directionsOf(due)).toEqual(open);
    expect(due.compiled.some(({ isolates }) => isolates.ingress)).toBe(false);
    expect(due.heldBack).toEqual([
      {
        direction: "ingress",
        why: "pods behind Service api would no longer let the API server in, which calls them for webhook hooks.example.com; an operator confirms by the annotation ringfence.dev/confirm-isolation: api",
        confirm: "api",
      },
    ]);
  });

  test("is held back whichever key closes ingress", () => {
    const namespaces = [intent("allowMonitoring: true\ndenyAll: { ingress: true, egress: false }")];
    const due = dueIn(viewOf({ namespaces }));
    expect(due.pieces).toEqual([]);
    expect(due.heldBack).toHaveLength(1);
  });

  test("comes when an operator has confirmed that very Service", () => {
    const due = dueIn(viewOf({ namespaces: [confirmed("other, api")] }));
    expect([directionsOf(due).sort(), due.heldBack]).toEqual([closed, []]);
  });

  test("does not come by a confirmation of something else", () => {
    for (const names of ["true", "other", "", "cluster-dns"]) {
      expect(dueIn(viewOf({ namespaces: [confirmed(names)] })).heldBack, names).toHaveLength(1);
    }
  });

  test("comes where the pods are closed already, and where the intent lets the API server in", () => {
    const closing = policy("shop", "closed", { policyTypes: ["Ingress"] });
    expect(dueIn(viewOf({ networkpolicies: [closing] })).heldBack).toEqual([]);
    const lets = intent("denyAll: true\nallowIngressFromCIDRs: [192.168.7.0/24]");
    expect(dueIn(viewOf({ namespaces: [lets] })).heldBack).toEqual([]);
    const opening = policy("shop", "open", {
      policyTypes: ["Ingress"],
      podSelector: { matchLabels: { app: "api" } },
      ingress: [{ ports: [{ protocol: "TCP", port: 8080 }] }],
    });
    expect(dueIn(viewOf({ networkpolicies: [opening] })).heldBack).toEqual([]);
  });

  test("is not taken back where it stands before the webhook comes", () => {
    const view = viewOf({ validatingwebhookconfigurations: [] });
    expect(directionsOf(dueIn(view)).sort()).toEqual(closed);
    const standing = policy("shop", "ringfence-default-deny", { policyTypes: ["Ingress"] });
    standing.metadata.labels = { "app.kubernetes.io/managed-by": "ringfence" };
    view.handlers.networkpolicies.upsert(standing);
    deliver(view, { validatingwebhookconfigurations: [hooks()] });
    expect(dueIn(view).heldBack).toEqual([]);
  });

  test("comes where the Service has no pods, or pods of the node's network", () => {
    expect(dueIn(viewOf({ pods: [] })).heldBack).toEqual([]);
    const onNode = pod("shop", "api-1", { app: "api" }, { spec: { hostNetwork: true, containers: [] } });
    expect(dueIn(viewOf({ pods: [onNode] })).heldBack).toEqual([]);
  });

  test("comes in a namespace that is not there yet", () => {
    const view = viewOf({ namespaces: [] });
    const facts = dueFacts(viewOf({}));
    expect(view.companionsFor(facts).heldBack).toEqual([]);
  });
});

describe("where it is not known", () => {
  test("who is called, open pods stay open, and a namespace without pods is closed", () => {
    const view = viewOf({});
    view.handlers.apiservices.unreadable();
    expect(dueIn(view).heldBack.map(({ why }) => why)).toEqual([
      "it is not known which Services webhooks and APIServices call, which Ringfence may not list",
    ]);
    const empty = viewOf({ pods: [] });
    empty.handlers.apiservices.unreadable();
    expect(dueIn(empty).heldBack).toEqual([]);
  });

  test("which pods answer, they stay open", () => {
    const view = viewOf({});
    view.handlers.pods.unreadable();
    expect(dueIn(view).heldBack).toHaveLength(1);
  });
});

test("a default deny on the servers of the cluster's DNS is held back", () => {
  const resolvers = () => [
    {
      name: "pods in shop",
      namespace: "shop",
      namespaceLabels: new Map(),
      podLabels: new Map([["app", "api"]]),
    },
  ];
  const of = (declared: typeof denyAll): DueCompanions =>
    dueIn(
      knownView(
        { namespaces: [declared, namespace("other")], pods: [pod("shop", "api-1", { app: "api" })] },
        { settings: () => settingsWith({}), resolvers },
      ),
    );
  expect(of(denyAll).heldBack.map(({ why }) => why)).toEqual([
    "the cluster's DNS (pods in shop) would refuse the queries of other namespaces; an operator confirms by the annotation ringfence.dev/confirm-isolation: cluster-dns",
  ]);
  expect(of(confirmed("cluster-dns")).heldBack).toEqual([]);
});

function dueFacts(view: LiveView) {
  const facts = view.namespaces?.get("shop");
  if (facts === undefined) throw new Error("no namespace");
  return facts;
}
