// What an intent says, read key by key and with nothing of the product's algebra: who may connect to whom.

import { BlockList } from "node:net";
import {
  addressesOf,
  arounds,
  further,
  labelsOfPod,
  namespaces,
  outside,
  partsOf,
  tenantKey,
  type Around,
  type PodName,
} from "./world.ts";

type Labels = Readonly<Record<string, string>>;
interface Item {
  readonly namespace?: string;
  readonly pods?: Labels;
  readonly cidr?: string;
  readonly except?: readonly string[];
  readonly from?: Labels;
  readonly to?: Labels;
  readonly ports?: readonly string[];
}
interface NaiveEnd {
  readonly namespace?: string;
  readonly pods?: Labels;
}

/** An intent in its long forms. */
export interface NaiveIntent {
  readonly denyAll?: { readonly ingress: boolean; readonly egress: boolean };
  readonly allowDNS?: boolean;
  readonly allowIntraNamespace?: boolean;
  readonly allowIngressFromIngress?: Item;
  readonly allowMonitoring?: Item;
  readonly allowEgressToNamespaces?: readonly Item[];
  readonly allowIngressFromNamespaces?: readonly Item[];
  readonly allowIngressFromCIDRs?: readonly Item[];
  readonly allowEgressToCIDRs?: readonly Item[];
  readonly allowKubeAPI?: Item;
  readonly egressProxy?: Item;
  readonly tenant?: string;
  readonly connections?: readonly { from: NaiveEnd; to: NaiveEnd; ports?: readonly string[] }[];
}

const names: Readonly<Record<string, number>> = { http: 8080, metrics: 9090 };

/** `port` as `8080/TCP`. */
function onPort(ports: readonly string[] | undefined, port: string): boolean {
  return (
    ports === undefined ||
    ports.some((text) => {
      const [what = "", protocol = "TCP"] = text.split("/");
      const [first = "", last = first] = what.split("-");
      const [number, asked] = port.split("/");
      const from = names[first] ?? Number(first);
      const to = names[last] ?? Number(last);
      return protocol === asked && from <= Number(number) && Number(number) <= to;
    })
  );
}

function isPod(name: string): name is PodName {
  return name.includes("/");
}

function hasLabels(name: string, labels: Labels | undefined): boolean {
  if (labels === undefined) return true;
  return isPod(name) && Object.entries(labels).every(([key, value]) => labelsOfPod(name)[key] === value);
}

function isOf(name: string, namespace: string | undefined, pods: Labels | undefined): boolean {
  return isPod(name) && partsOf(name).namespace === namespace && hasLabels(name, pods);
}

const addresses: Readonly<Record<string, string>> = { ...outside, ...further };

/** By Node's own reading of ranges. */
function inRange(name: string, cidr: string | undefined, except: readonly string[] = []): boolean {
  const holds = (address: string, range: string): boolean => {
    const [base = "", bits = ""] = range.split("/");
    const family = base.includes(":") ? "ipv6" : "ipv4";
    const list = new BlockList();
    list.addSubnet(base, Number(bits), family);
    return address.includes(":") === (family === "ipv6") && list.check(address, family);
  };
  return (isPod(name) ? addressesOf(name) : [addresses[name] ?? ""]).some(
    (address) => cidr !== undefined && holds(address, cidr) && !except.some((range) => holds(address, range)),
  );
}

function sameTenant(name: string, key: string | undefined): boolean {
  if (key !== tenantKey || !isPod(name)) return false;
  const labels: Labels = namespaces[partsOf(name).namespace];
  return labels[key] === namespaces.shop[key];
}

function closes(intent: NaiveIntent, direction: "ingress" | "egress"): boolean {
  const both =
    intent.allowIntraNamespace === true ||
    intent.tenant !== undefined ||
    (intent.connections ?? []).length > 0;
  const own =
    direction === "ingress"
      ? [
          intent.allowIngressFromIngress,
          intent.allowMonitoring,
          ...(intent.allowIngressFromNamespaces ?? []),
          ...(intent.allowIngressFromCIDRs ?? []),
        ]
      : [
          intent.allowKubeAPI,
          intent.egressProxy,
          ...(intent.allowEgressToNamespaces ?? []),
          ...(intent.allowEgressToCIDRs ?? []),
        ];
  return (
    intent.denyAll?.[direction] === true ||
    (intent.denyAll === undefined && both) ||
    own.some((item) => item !== undefined)
  );
}

const usual = arounds["usual"] as Around;

/** Whether this pod of shop may be reached from there. */
export function mayComeIn(
  intent: NaiveIntent,
  from: string,
  to: string,
  port: string,
  { controllers, prometheus }: Around = usual,
): boolean {
  if (!closes(intent, "ingress") || from === to) return true;
  const admits = (item: Item | undefined, peer: boolean): boolean =>
    item !== undefined && peer && hasLabels(to, item.to) && onPort(item.ports, port);
  return (
    (intent.allowIntraNamespace === true && isOf(from, "shop", undefined)) ||
    sameTenant(from, intent.tenant) ||
    admits(intent.allowIngressFromIngress, controllers.includes(from)) ||
    admits(intent.allowMonitoring, prometheus.includes(from)) ||
    (intent.allowIngressFromNamespaces ?? []).some((item) =>
      admits(item, isOf(from, item.namespace, item.pods)),
    ) ||
    (intent.allowIngressFromCIDRs ?? []).some((item) =>
      admits(item, inRange(from, item.cidr, item.except)),
    ) ||
    (intent.connections ?? []).some((edge) => onEdge(edge, from, to, port))
  );
}

/** Whether this pod of shop may go there. */
export function mayGoOut(
  intent: NaiveIntent,
  from: string,
  to: string,
  port: string,
  { dns, kubeAPI, proxy }: Around = usual,
): boolean {
  if (!closes(intent, "egress") || from === to) return true;
  const admits = (item: Item | undefined, peer: boolean, ports = item?.ports): boolean =>
    item !== undefined && peer && hasLabels(from, item.from) && onPort(ports, port);
  return (
    (intent.allowDNS !== false && dns.names.includes(to) && onPort(dns.ports, port)) ||
    (intent.allowIntraNamespace === true && isOf(to, "shop", undefined)) ||
    sameTenant(to, intent.tenant) ||
    (intent.allowEgressToNamespaces ?? []).some((item) =>
      admits(item, isOf(to, item.namespace, item.pods)),
    ) ||
    (intent.allowEgressToCIDRs ?? []).some((item) => admits(item, inRange(to, item.cidr, item.except))) ||
    admits(intent.allowKubeAPI, kubeAPI.names.includes(to), kubeAPI.ports) ||
    admits(intent.egressProxy, proxy.names.includes(to), proxy.ports) ||
    (intent.connections ?? []).some((edge) => onEdge(edge, from, to, port))
  );
}

function onEdge(
  { from, to, ports }: { from: NaiveEnd; to: NaiveEnd; ports?: readonly string[] },
  source: string,
  destination: string,
  port: string,
): boolean {
  const isEnd = (end: NaiveEnd, name: string): boolean => isOf(name, end.namespace ?? "shop", end.pods);
  return isEnd(from, source) && isEnd(to, destination) && onPort(ports, port);
}
