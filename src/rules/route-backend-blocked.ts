// An Ingress or HTTPRoute sends to pods that let the ingress controller in nowhere: who asks from outside gets a 502 or 504.
// It speaks only of controllers that configuration names, and only where none of those that may serve the route is let in.

import { z } from "zod";
import type { ClusterView } from "../model/cluster-view.ts";
import type { ConfiguredIngressController } from "../model/settings.ts";
import type { PolicySubject } from "../model/subject.ts";
import { peersText } from "../network/dns/written.ts";
import { compareText, labelSet, labelSetText } from "../network/labels.ts";
import { listed } from "../network/listed.ts";
import { refusedBackends, somePod, type Bringer, type RefusedBackend } from "../network/refused-routes.ts";
import type { RouteBackend } from "../network/routes.ts";
import { matches, namespaceNameLabel, selectorOf } from "../network/selector.ts";
import { defineRule } from "./shared/define-rule.ts";
import { podNames } from "./shared/pod-words.ts";
import { concerns } from "./shared/set-place.ts";

export const routeBackendBlocked = defineRule({
  id: "route-backend-blocked",
  profile: "advisory",
  since: "v1",
  curable: true,
  judges: "set",
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE", "DELETE"],
  needs: ["namespaces", "policies", "workloads", "services", "routes"],
  options: z.strictObject({}),
  docs: {
    title: "Blocked backend of a route",
    summary: "Pods behind an Ingress or HTTPRoute do not let the configured ingress controller in.",
    why: "The controller connects to the pods themselves, as any other client does. Where their policies do not let it in, requests from outside end in 502 or 504, and nothing tells why.",
    remediation: "Add an ingress rule that lets the controller's pods in, on the port of the pods.",
    references: [
      "https://kubernetes.io/docs/concepts/services-networking/ingress/",
      "https://gateway-api.sigs.k8s.io/api-types/httproute/",
    ],
  },
  messages: {
    refused: {
      text: "{{where}}{{pods}} stand behind {{routes}} and do not let {{controller}} in on {{ports}}.",
      remedy: "Add an ingress rule for them: from: [{{peer}}], ports: [{{written}}].",
      warning: "{{where}}{{inShort}} behind {{route}}: {{name}} is not let in on {{ports}}",
    },
    hostNetwork: {
      text: "{{where}}{{pods}} stand behind {{routes}} and do not let {{controller}} in on {{ports}}: it runs on the host network, where no selector matches it.",
      remedy:
        "Add an ingress rule for them with the addresses of its nodes as ipBlock, ports: [{{written}}].",
      warning: "{{where}}{{route}}: {{name}}, on the host network, is not let in; use ipBlock",
    },
  },
  check(subject, { view, settings, budget }) {
    const { namespace } = subject;
    const controllers = settings.ingressControllers;
    if (controllers.length === 0 || !concerns(subject, "ingress")) return [];
    const routes = view.routes(namespace) ?? [];
    if (routes.length === 0) return [];
    const set = view.policies(namespace);
    const services = view.services(namespace);
    const groups = view.workloads(namespace);
    if (set === undefined || services === undefined || groups === undefined) return [];
    const known = controllers.flatMap((controller) => bringerOf(controller, view));
    const refused = refusedBackends({
      set,
      dueCompanions: view.dueCompanions(namespace),
      routes,
      services,
      groups,
      bringers: (route) => known.filter(({ controller }) => mayServe(controller, route)),
      budget,
    });
    // Routes arrive in any order.
    const sorted = refused.toSorted((a, b) => compareText(routeText(a), routeText(b)));
    const [first] = sorted;
    return first === undefined ? [] : [describe(first, sorted, subject)];
  },
});

interface Controller {
  readonly controller: ConfiguredIngressController;
  readonly targets: Bringer;
}

/** The controller's pods as they are; where none is there, as configuration describes them. */
function bringerOf(
  controller: ConfiguredIngressController,
  view: Pick<ClusterView, "namespaces" | "workloads">,
): readonly Controller[] {
  const namespace = view.namespaces?.get(controller.namespace);
  if (namespace === undefined) return [];
  const labels = labelSet(controller.pods);
  const selector = selectorOf(labels, "pods");
  const [first, ...others] = (view.workloads(controller.namespace) ?? [])
    .filter((group) => !group.terminating && !group.finished && matches(selector, group.labels))
    .map(({ labels: own, hostNetwork }) => ({
      pod: { namespace, labels: own, hostNetwork },
      addresses: [],
    }));
  return [{ controller, targets: first === undefined ? [somePod(namespace, labels)] : [first, ...others] }];
}

/** Of an Ingress without a class only a controller that serves all classes. */
function mayServe({ routes, ingressClasses }: ConfiguredIngressController, route: RouteBackend): boolean {
  if (!routes.has(route.kind)) return false;
  if (route.kind === "HTTPRoute" || ingressClasses.size === 0) return true;
  return route.ingressClass !== undefined && ingressClasses.has(route.ingressClass);
}

function describe(
  { bringer: { controller, targets } }: RefusedBackend<Controller>,
  refused: readonly RefusedBackend<Controller>[],
  { compiled }: PolicySubject,
) {
  const own = compiled?.isolates.ingress === true;
  const groups = [...new Set(refused.map(({ group }) => group))];
  const ports = [...new Set(refused.map(({ port }) => port))].sort((a, b) => a - b);
  const routes = [...new Set(refused.map(routeText))];
  const [route = ""] = routes;
  const onHost = targets.every(({ pod }) => pod?.hostNetwork === true);
  return {
    message: onHost ? ("hostNetwork" as const) : ("refused" as const),
    path: own ? ["spec", "ingress"] : [],
    key: onHost ? "host network" : "refused",
    scope: {
      kind: "elements" as const,
      ids: new Set(refused.map((one) => `${routeText(one)} ${one.port} ${one.group.id}`)),
    },
    data: {
      where: own ? "" : "in this namespace ",
      pods: podNames(groups, named),
      inShort: podNames(groups, 1),
      controller: controllerText(controller),
      name: controller.namespace,
      ports: listed(
        ports.map((port) => `${port}/TCP`),
        named,
      ),
      written: ports
        .slice(0, named)
        .map((port) => `{port: ${port}}`)
        .join(", "),
      route,
      routes: listed(routes, named),
      peer: peersText([peerOf(controller)]),
    },
  };
}

function routeText({ route: { kind, name } }: RefusedBackend<Controller>): string {
  return `${kind} ${name}`;
}

/** How many of a kind one message names. */
const named = 3;

/** `the ingress controller (ingress-nginx pods app.kubernetes.io/name=ingress-nginx)`. */
function controllerText({ namespace, pods }: ConfiguredIngressController): string {
  const labels = labelSetText(labelSet(pods));
  return `the ingress controller (${namespace} ${labels === "" ? "pods" : `pods ${labels}`})`;
}

function peerOf({ namespace, pods }: ConfiguredIngressController) {
  const namespaceSelector = { matchLabels: { [namespaceNameLabel]: namespace } };
  return Object.keys(pods).length === 0
    ? { namespaceSelector }
    : { namespaceSelector, podSelector: { matchLabels: pods } };
}
