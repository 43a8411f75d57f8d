// The name of a port that none of the pods concerned declares for that protocol: the rule opens nothing there. Where there
// are no pods yet, nothing is said.

import { z } from "zod";
import type { Settings } from "../model/settings.ts";
import type { NamedPort } from "../network/ports.ts";
import { directions, rulesOf, speaksOf } from "../network/walk.ts";
import type { NetworkPolicyPort } from "../wire/network-policy.ts";
import { defineRule } from "./shared/define-rule.ts";
import { podsOfPorts, ReachedPods, type PodsOfPorts } from "./shared/pods-of-ports.ts";

export const namedPortUnresolved = defineRule({
  id: "named-port-unresolved",
  profile: "advisory",
  since: "v1",
  curable: false,
  judges: "object",
  kind: "NetworkPolicy",
  operations: ["CREATE", "UPDATE"],
  needs: ["namespaces", "workloads"],
  options: z.strictObject({}),
  docs: {
    title: "Named port that no pod has",
    summary: "A rule names a port by a name that no container of the pods concerned declares.",
    why: "The name of a port is looked up on each pod, together with its protocol. Where no container declares it, the rule opens nothing.",
    remediation: "Write a name that the containers declare, with its protocol, or the number of the port.",
    references: ["https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports"],
  },
  messages: {
    unresolved: {
      text: "no container of {{pods}} declares a port named {{port}} over {{protocol}}{{hint}}: the rule opens nothing there.",
      remedy: "Write a name that they declare, with its protocol, or the number of the port.",
      warning: "{{pods}} declare no {{port}}/{{protocol}}{{hint}}",
    },
  },
  check({ object, compiled }, { view, settings, budget }) {
    const spec = object?.spec;
    if (spec === undefined || compiled === undefined) return [];
    const pods = new ReachedPods(view, budget);
    const inForce = directions.filter((direction) => speaksOf(spec, direction));
    return rulesOf(spec, inForce, hasName).flatMap(({ direction, index, path, ports }) => {
      const entry = compiled[direction][index];
      const places = entry && podsOfPorts(compiled, direction, entry, view);
      const declared = places && declaredPorts(places, pods);
      if (places === undefined || declared === undefined) return [];
      return ports.flatMap(({ port, protocol = "TCP" }, at) => {
        budget.tick();
        if (typeof port !== "string") return [];
        if (declared.some((each) => each.name === port && each.protocol === protocol)) return [];
        return [
          {
            message: "unresolved" as const,
            path: [...path, "ports", at],
            key: `${direction} ${port}/${protocol}`,
            data: {
              port,
              protocol,
              pods: direction === "ingress" ? "the selected pods" : "its peers' pods",
              hint: hintOf(port, declared, mayBeTold(places, compiled.namespace, settings)),
            },
          },
        ];
      });
    });
  },
});

function hasName(_peers: unknown, ports: readonly NetworkPolicyPort[]): boolean {
  return ports.some(({ port }) => typeof port === "string");
}

/** All that the pods declare; undefined where there are none yet, or they are not known. */
function declaredPorts(places: readonly PodsOfPorts[], pods: ReachedPods): readonly NamedPort[] | undefined {
  const declared: NamedPort[] = [];
  let some = false;
  for (const place of places) {
    const ports = pods.portsAt(place);
    if (ports === undefined) return undefined;
    some ||= pods.at(place)?.length !== 0;
    declared.push(...ports);
  }
  return some ? declared : undefined;
}

/** What pods of other namespaces declare is not told to everybody. */
function mayBeTold(
  places: readonly PodsOfPorts[],
  own: string,
  { publicNamespaces }: Pick<Settings, "publicNamespaces">,
): boolean {
  return places.every(({ namespace }) => namespace === own || publicNamespaces.has(namespace));
}

/** So many names are told. */
const toldNames = 3;

/** `: http/TCP, metrics/TCP`, or nothing. */
function hintOf(port: string, declared: readonly NamedPort[], told: boolean): string {
  if (!told || declared.length === 0) return "";
  const texts = declared.map(({ name, protocol }) => ({ name, text: `${name}/${protocol}` }));
  // The same name over another protocol is what was meant, most likely.
  const same = texts.filter(({ name }) => name === port);
  const names = [...new Set((same.length > 0 ? same : texts).map(({ text }) => text))].sort();
  return `, only ${names.slice(0, toldNames).join(", ")}${names.length > toldNames ? " and others" : ""}`;
}
