// The DNS rule as people write it: inside of a message, and as the flags of `ringfence generate dns`.

import type { LabelSelector } from "../../wire/meta.ts";
import type { NetworkPolicyEgressRule, NetworkPolicyPeer } from "../../wire/network-policy.ts";
import { addressText, parseAddress } from "../address.ts";
import { parseCidr, singleAddress } from "../cidr.ts";
import { namespaceNameLabel } from "../selector.ts";

/** Flow YAML of the peers, one beside the other: what stands in `to`. */
export function peersText(peers: readonly NetworkPolicyPeer[]): string {
  return peers.map(flow).join(", ");
}

/** Flow YAML of a whole rule: what stands in `egress`. */
export function ruleText(rule: NetworkPolicyEgressRule): string {
  return flow(rule);
}

/** Peers in short, as the flags of `ringfence generate dns` have them: `169.254.20.10, 10.96.0.10`. */
export function peersInShort(peers: readonly NetworkPolicyPeer[]): string {
  return peers.map((peer) => toFlag(peer) ?? flow(peer)).join(", ");
}

function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const fields = Object.entries(value).map(([key, field]) => `${key}: ${flow(field)}`);
    return `{${fields.join(", ")}}`;
  }
  return typeof value === "string" && !isPlain(value) ? JSON.stringify(value) : String(value);
}

/** Whether YAML reads it as this very text, and not as a number or a boolean; ranges of addresses are such texts. */
function isPlain(text: string): boolean {
  if (/^(true|false|yes|no|on|off|null|y|n)$/i.test(text)) return false;
  return /^[A-Za-z][\w./-]*$/.test(text) || /^[\d.]+\/\d+$/.test(text);
}

/**
 * The flags that have `ringfence generate dns` print this rule, with a blank before; empty for that of kube-dns, which is
 * printed without. Undefined where its peers are not such as flags can say.
 */
export function generateFlags(rule: NetworkPolicyEgressRule): string | undefined {
  const to = (rule.to ?? []).map(toFlag);
  if (to.some((flag) => flag === undefined)) return undefined;
  const ports = [...new Set((rule.ports ?? []).flatMap(({ port }) => port ?? []))];
  const flags = [
    ...to.map((flag) => ` --to ${flag ?? ""}`),
    ...(ports.length === 1 && ports[0] === 53 ? [] : ports.map((port) => ` --port ${port}`)),
  ].join("");
  return flags === ` --to ${usualResolver}` ? "" : flags;
}

/**
 * The rule that such flags say: `to` as addresses or NAMESPACE/LABEL=VALUE,…; `ports` are opened over UDP and TCP. Without
 * them that of kube-dns.
 */
export function ruleOfFlags({
  to = [usualResolver],
  ports = [53],
}: {
  readonly to?: readonly string[] | undefined;
  readonly ports?: readonly number[] | undefined;
}): NetworkPolicyEgressRule {
  return {
    to: to.map(peerOfFlag),
    ports: ports.flatMap((port) => [
      { protocol: "UDP", port },
      { protocol: "TCP", port },
    ]),
  };
}

function peerOfFlag(text: string): NetworkPolicyPeer {
  const address = parseAddress(text);
  if (address !== undefined) return { ipBlock: { cidr: singleAddress(address).text } };
  const slash = text.indexOf("/");
  const labels = text
    .slice(slash + 1)
    .split(",")
    .filter((pair) => pair !== "")
    .map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)] as const);
  return {
    namespaceSelector: { matchLabels: { [namespaceNameLabel]: text.slice(0, slash) } },
    ...(labels.length > 0 && { podSelector: { matchLabels: Object.fromEntries(labels) } }),
  };
}

/** kube-dns as kubeadm and nearly everybody else installs it; CoreDNS bears the same label. */
export const usualResolver = "kube-system/k8s-app=kube-dns";

function toFlag({ ipBlock, namespaceSelector, podSelector }: NetworkPolicyPeer): string | undefined {
  if (ipBlock !== undefined) {
    const range = parseCidr(ipBlock.cidr);
    const isSingle = range !== undefined && range.prefix === (range.family === 4 ? 32 : 128);
    return isSingle ? addressText({ family: range.family, value: range.base }) : undefined;
  }
  const namespace = namespaceSelector?.matchLabels?.[namespaceNameLabel];
  if (namespace === undefined) return undefined;
  return `${namespace}/${labelsFlag(podSelector)}`;
}

function labelsFlag(selector: LabelSelector | undefined): string {
  return Object.entries(selector?.matchLabels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}
