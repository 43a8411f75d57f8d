// What companions would cut off stays open until an operator confirms.
import { fc, test as property } from "@fast-check/vitest";
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

const apps = ["api", "web", "db"] as const;
const calling = (app: string) => ({
  metadata: { name: `hooks-${app}` },
  webhooks: [
    { name: `${app}.example.com`, clientConfig: { service: { namespace: "shop", name: app, port: 80 } } },
  ],
});
/** What stands beside, and which pods it closes to all. */
const stands = {
  all: { of: undefined, types: ["Ingress"] },
  web: { of: "web", types: ["Ingress", "Egress"] },
  egress: { of: undefined, types: ["Egress"] },
} as const;
/** Intents, whether they close ingress, and which pods the API server still reaches. */
const intents = {
  "denyAll: true": { closes: true, reaches: [] },
  "denyAll: { egress: true }": { closes: false, reaches: [] },
  "denyAll: { ingress: true }\nallowIntraNamespace: true": { closes: true, reaches: [] },
  "allowIngressFromCIDRs: [{ cidr: 192.168.7.0/24, to: { app: web } }]": { closes: true, reaches: ["web"] },
  "denyAll: true\nallowIngressFromCIDRs: [192.168.7.0/24]": { closes: true, reaches: apps },
  "allowIngressFromNamespaces: [other]\nallowEgressToNamespaces: [other]": { closes: true, reaches: [] },
} as const satisfies Record<string, { closes: boolean; reaches: readonly string[] }>;

property.prop(
  [
    fc.record({
      text: fc.constantFrom(...(Object.keys(intents) as (keyof typeof intents)[])),
      present: fc.subarray([...apps]),
      called: fc.subarray([...apps]),
      standing: fc.subarray(Object.keys(stands) as (keyof typeof stands)[]),
      companion: fc.boolean(),
      confirmed: fc.subarray([...apps, "cluster-dns", "true"]),
    }),
  ],
  { numRuns: 200 },
)("what is held back is ingress of called pods that are open, and nothing else", (given) => {
  const { text, present, called, standing, companion, confirmed: names } = given;
  const view = (confirmation: readonly string[]): LiveView => {
    const own = policy("shop", "ringfence-default-deny", { policyTypes: ["Ingress"] });
    own.metadata.labels = { "app.kubernetes.io/managed-by": "ringfence" };
    return viewOf({
      namespaces: [intent(text, { "ringfence.dev/confirm-isolation": confirmation.join(",") })],
      pods: [
        pod("kube-system", "coredns", { "k8s-app": "kube-dns" }),
        ...present.map((app) => pod("shop", `${app}-1`, { app })),
      ],
      services: apps.map((app) => service("shop", app)),
      validatingwebhookconfigurations: called.map(calling),
      networkpolicies: [
        ...standing.map((name) => {
          const { of, types } = stands[name];
          const podSelector = of === undefined ? {} : { matchLabels: { app: of } };
          return policy("shop", name, { podSelector, policyTypes: [...types] });
        }),
        ...(companion ? [own] : []),
      ],
    });
  };
  const { closes, reaches } = intents[text];
  const closed = (app: string): boolean =>
    standing.includes("all") || (app === "web" && standing.includes("web"));
  const cut = called.filter(
    (app) => closes && present.includes(app) && !closed(app) && !reaches.some((one) => one === app),
  );
  const open =
    companion || cut.every((app) => names.includes(app)) ? [] : cut.filter((app) => !names.includes(app));
  const due = dueIn(view(names));
  expect(due.heldBack.map(({ why }) => /Service (\w+) /.exec(why)?.[1]).sort()).toEqual([...open].sort());
  for (const { direction, confirm } of due.heldBack) {
    expect([direction, confirm]).toEqual(["ingress", [...cut].sort().join(",")]);
  }
  // Confirmed by the names that were told, all of it comes.
  const whole = dueIn(view(due.heldBack[0]?.confirm?.split(",") ?? names));
  expect(whole.heldBack).toEqual([]);
  expect(whole.pieces).toEqual(due.asked);
  // Egress is never held back, and of ingress nothing is left where it is.
  const egressOf = ({ pieces }: Pick<DueCompanions, "pieces">): unknown =>
    pieces
      .filter(({ spec }) => spec.policyTypes?.includes("Egress") === true)
      .map(({ purpose, spec }) => [purpose, spec.podSelector, spec.egress]);
  expect(egressOf(due)).toEqual(egressOf({ pieces: due.asked }));
  if (due.heldBack.length > 0) expect(directionsOf(due).includes("Ingress")).toBe(false);
  else expect(due.pieces).toEqual(due.asked);
});
