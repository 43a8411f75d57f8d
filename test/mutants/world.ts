import type { LabelSelector } from "#src/wire/meta.ts";
import type {
  NetworkPolicyEgressRule,
  NetworkPolicyPeer,
  NetworkPolicySpec,
} from "#src/wire/network-policy.ts";
import type { Random } from "../fuzz/random.ts";
import type { KubernetesObject } from "../support/objects.ts";
import type { Platform, PolicyObject, PolicySetCase } from "./set.ts";

type Labels = Record<string, string>;

export interface AppOptions {
  readonly namespace?: string;
  /** Besides the one that names the app. */
  readonly labels?: Labels;
  readonly ports?: readonly { readonly name?: string; readonly port: number; readonly protocol?: string }[];
  readonly kind?: "Deployment" | "StatefulSet" | "DaemonSet" | "CronJob";
  /** How many run at this moment. */
  readonly pods?: number;
  readonly hostNetwork?: boolean;
  readonly dnsPolicy?: string;
}

/** What a recipe fills: namespaces, apps with their pods, services, and the policies that are the point of it. */
export class World {
  readonly random: Random;
  readonly platform: Platform;
  /** The label that names an app here. */
  readonly key: string;
  readonly #objects: KubernetesObject[] = [];
  readonly #policies: PolicyObject[] = [];
  #addresses = 1;

  constructor(random: Random, platform: Platform) {
    this.random = random;
    this.platform = platform;
    this.key = random.pick(["app", "app", "app.kubernetes.io/name", "component"]);
    this.namespace("shop", random.chance(0.5) ? { team: "store" } : {});
  }

  namespace(name: string, labels: Labels = {}): void {
    this.#objects.push({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels } });
  }

  /** A workload and its pods; returns the labels by which policies know it. */
  app(name: string, options: AppOptions = {}): Labels {
    const { namespace = "shop", kind = "Deployment", pods = this.random.pick([0, 1, 2, 3]) } = options;
    const labels = { [this.key]: name, ...options.labels };
    const { hostNetwork = false, dnsPolicy = "ClusterFirst", ports = [] } = options;
    const spec = {
      hostNetwork,
      dnsPolicy,
      containers: [
        {
          name: "main",
          image: `example.com/${name}:1`,
          ports: ports.map(({ name: own, port, protocol = "TCP" }) => ({
            ...(own === undefined ? {} : { name: own }),
            containerPort: port,
            protocol,
          })),
        },
      ],
    };
    const template = { metadata: { labels }, spec };
    const workload = kind === "CronJob" ? { jobTemplate: { spec: { template } } } : { template };
    const apiVersion = kind === "CronJob" ? "batch/v1" : "apps/v1";
    this.#add({ apiVersion, kind, metadata: { name, namespace }, spec: workload });
    for (let index = 0; index < pods; index += 1) {
      const podIP = hostNetwork ? "192.0.2.10" : this.#nextAddress();
      this.#add({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: `${name}-${index}`, namespace, labels },
        spec,
        status: { phase: "Running", podIP, podIPs: [{ ip: podIP }] },
      });
    }
    return labels;
  }

  service(
    name: string,
    selector: Labels,
    ports: readonly { readonly port: number; readonly targetPort: number | string }[],
    { namespace = "shop", headless = false } = {},
  ): void {
    const address = headless ? { clusterIP: "None" } : { clusterIP: `10.96.7.${this.#addresses}` };
    this.#add({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, namespace },
      spec: { ...address, selector, ports },
    });
  }

  policy(name: string, spec: NetworkPolicySpec, namespace = "shop"): void {
    this.#policies.push({
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name, namespace },
      spec,
    });
  }

  /** These labels, as pairs or as an expression. */
  selector(labels: Labels): LabelSelector {
    const [first] = Object.entries(labels);
    if (first === undefined || this.random.chance(0.8)) return { matchLabels: labels };
    const matchExpressions = Object.entries(labels).map(([key, value]) => ({
      key,
      operator: "In",
      values: [value],
    }));
    return { matchExpressions };
  }

  /** Pods of the own namespace with these labels. */
  pods(labels: Labels): NetworkPolicyPeer {
    return { podSelector: this.selector(labels) };
  }

  /** The namespace of this name, and there the pods with these labels. */
  of(namespace: string, labels?: Labels): NetworkPolicyPeer {
    const namespaceSelector = this.selector({ "kubernetes.io/metadata.name": namespace });
    return labels === undefined
      ? { namespaceSelector }
      : { namespaceSelector, podSelector: this.selector(labels) };
  }

  /** A rule that opens DNS. */
  dns(): NetworkPolicyEgressRule {
    return structuredClone(this.random.pick(this.platform.dnsRules));
  }

  /** The two policies of nearly every namespace: a default deny, in one piece or two, and DNS for all. */
  denyAll({ namespace = "shop", ingress = true, egress = true } = {}): void {
    const inOne = ingress && egress && this.random.chance(0.6);
    if (inOne)
      this.policy("default-deny", { podSelector: {}, policyTypes: ["Ingress", "Egress"] }, namespace);
    if (!inOne && ingress)
      this.policy("deny-ingress", { podSelector: {}, policyTypes: ["Ingress"] }, namespace);
    if (!inOne && egress) this.policy("deny-egress", { podSelector: {}, policyTypes: ["Egress"] }, namespace);
    if (egress) this.allowDns(namespace);
  }

  allowDns(namespace = "shop"): void {
    this.policy("allow-dns", { podSelector: {}, policyTypes: ["Egress"], egress: [this.dns()] }, namespace);
  }

  /** What was made. */
  finished(recipe: string, seed: number): PolicySetCase {
    const { platform } = this;
    return { recipe, seed, platform, surroundings: this.#objects, policies: this.#policies };
  }

  #nextAddress(): string {
    this.#addresses += 1;
    return `10.244.${1 + (this.#addresses >> 8)}.${this.#addresses & 255}`;
  }

  /** Kinds have more fields than a KubernetesObject names. */
  #add(object: KubernetesObject & Record<string, unknown>): void {
    this.#objects.push(object);
  }
}

/** A port of TCP. */
export const tcp = (port: number | string) => ({ protocol: "TCP", port });
