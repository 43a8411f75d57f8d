// A rule that names the port of a Service, which the Service sends to another port of its pods. A policy sees the
// connection behind the Service, with the port of the pod.

import { z } from "zod";
import type { ClusterView } from "../model/cluster-view.ts";
import type { Settings } from "../model/settings.ts";
import type { Budget } from "../network/budget.ts";
import type { AllowEntry } from "../network/policy.ts";
import { opensPort, protocols, type Protocol } from "../network/ports.ts";
import { implies, matches, type Selector } from "../network/selector.ts";
import {
  concerns,
  translated,
  translatedPorts,
  type Backends,
  type Translation,
} from "../network/service-ports.ts";
import { directions, rulesOf, speaksOf } from "../network/walk.ts";
import type { NetworkPolicyPort } from "../wire/network-policy.ts";
import { defineRule } from "./shared/define-rule.ts";
import { podsOfPorts, ReachedPods, type PodsOfPorts } from "./shared/pods-of-ports.ts";

export const servicePortNotContainerPort = defineRule({
  id: "service-port-not-container-port",
  profile: "advisory",
  since: "v1",
  curable: false,
  judges: "object",
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE"],
  needs: ["namespaces", "workloads", "services"],
  options: z.strictObject({}),
  docs: {
    title: "Port of a Service instead of its pods'",
    summary: "A rule names the port of a Service, and the Service sends it to another port of the pods.",
    why: "What is sent to a Service arrives at the pod with the pod's port, and that is what policies are held against. The rule opens a port on which nobody listens.",
    remediation: "Write the Service's targetPort, as number or as name.",
    references: ["https://kubernetes.io/docs/concepts/services-networking/service/#defining-a-service"],
  },
  messages: {
    servicePort: {
      text: "{{port}} is the port of {{service}}, which sends it to {{target}} of its pods; a policy sees the port behind the Service.",
      remedy: "Write: {{target}}",
      warning: "{{service}} sends {{port}} to its pods' {{target}}; write {{target}}",
    },
  },
  check({ object, compiled }, { view, settings, budget }) {
    const spec = object?.spec;
    if (spec === undefined || compiled === undefined) return [];
    const question = new Question(view, budget);
    const inForce = directions.filter((direction) => speaksOf(spec, direction));
    return rulesOf(spec, inForce, hasNumber).flatMap(({ direction, index, path, ports }) => {
      const entry = compiled[direction][index];
      const places = entry && podsOfPorts(compiled, direction, entry, view);
      if (entry === undefined || places === undefined) return [];
      return ports.flatMap((item, at) => {
        budget.tick();
        const port = singlePort(item);
        if (port === undefined) return [];
        const found = behindServices(port, entry, places, question);
        if (found === undefined) return [];
        return [
          {
            message: "servicePort" as const,
            path: [...path, "ports", at],
            key: `${direction} ${port.number}/${port.protocol}`,
            data: {
              port: port.number,
              service: serviceText(found, compiled.namespace, settings),
              target: found.target,
            },
          },
        ];
      });
    });
  },
});

interface Port {
  readonly protocol: Protocol;
  readonly number: number;
}

function hasNumber(_peers: unknown, ports: readonly NetworkPolicyPort[]): boolean {
  return ports.some(({ port }) => typeof port === "number");
}

function singlePort({ protocol = "TCP", port, endPort }: NetworkPolicyPort): Port | undefined {
  const known = protocols.find((each) => each === protocol);
  if (typeof port !== "number" || known === undefined) return undefined;
  return endPort === undefined || endPort === port ? { protocol: known, number: port } : undefined;
}

/** What one check asks of Services and pods. */
class Question {
  readonly #view: ClusterView;
  readonly #budget: Budget;
  readonly #pods: ReachedPods;
  #byNamespace: Map<string, ReadonlySet<number>> | undefined;

  constructor(view: ClusterView, budget: Budget) {
    this.#view = view;
    this.#budget = budget;
    this.#pods = new ReachedPods(view, budget);
  }

  /** Whether a Service of the namespace sends a port of this number to another; false where they are not known. */
  someTranslates(namespace: string, port: number): boolean {
    this.#byNamespace ??= new Map();
    let ports = this.#byNamespace.get(namespace);
    if (ports === undefined) {
      ports = translatedPorts(this.#view.services(namespace)?.values() ?? []);
      this.#byNamespace.set(namespace, ports);
    }
    return ports.has(port);
  }

  /**
   * The pods by kind, each with its Services that have to do with the port; where there are none yet, those that are to
   * come. Undefined where they are not known or it is too much work.
   */
  backends(place: PodsOfPorts, { number, protocol }: Port): readonly Backends[] | undefined {
    const groups = this.#pods.at(place);
    const all = this.#view.services(place.namespace);
    if (groups === undefined || all === undefined) return undefined;
    const services = [...all.values()].filter((service) => concerns(service, protocol, number));
    if (!this.#budget.spend(all.size + services.length * groups.length)) return undefined;
    if (groups.length === 0) {
      return [
        { services: services.filter(({ selector }) => selects(selector, place)), namedPorts: undefined },
      ];
    }
    return groups.map(({ labels, namedPorts }) => ({
      services: services.filter(({ selector }) => selector !== undefined && matches(selector, labels)),
      namedPorts,
    }));
  }
}

/** Whether it selects every pod that may come there. */
function selects(selector: Selector | undefined, place: PodsOfPorts): boolean {
  return selector !== undefined && implies(place.selector, selector);
}

type Found = Translation & { readonly namespace: string };

/** Where all the pods concerned get that port by Services alone, and on others that the rule does not open. */
function behindServices(
  port: Port,
  entry: AllowEntry,
  places: readonly PodsOfPorts[],
  question: Question,
): Found | undefined {
  let found: Found | undefined;
  for (const place of places) {
    if (!question.someTranslates(place.namespace, port.number)) return undefined;
    const all = question.backends(place, port);
    if (all === undefined || all.length === 0) return undefined;
    for (const backends of all) {
      const translation = translated(backends, port.protocol, port.number);
      if (translation === undefined) return undefined;
      if (opensPort(entry.ports, port.protocol, translation.target, backends.namedPorts) !== false)
        return undefined;
      found ??= { ...translation, namespace: place.namespace };
    }
  }
  return found;
}

/** Names of other namespaces' Services are not told to everybody. */
function serviceText(
  { service, namespace }: Found,
  own: string,
  { publicNamespaces }: Pick<Settings, "publicNamespaces">,
): string {
  if (namespace === own) return `Service ${service.name}`;
  return publicNamespaces.has(namespace) ? `Service ${namespace}/${service.name}` : "a Service of its peers";
}
