import type { Ceiling } from "../intent/ceiling.ts";
import type { Intent } from "../intent/keys.ts";
import type { Surroundings } from "../intent/surroundings.ts";
import type { Selector } from "../network/selector.ts";
import type { Modes, Profile } from "./profile.ts";

export type Enforcement = "on" | "warn" | "off";

export interface Principals {
  readonly users: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
}

/** One rule switched off for the policies of one namespace whose name matches, with a reason and an end. */
export interface Exception {
  readonly rule: string;
  readonly namespace: string;
  /** A policy name; `*` stands for any run of characters. */
  readonly policies: string;
  readonly reason: string;
  /** YYYY-MM-DD, that day included, UTC; absent: without end. */
  readonly until?: string;
}

export interface Limits {
  /** Per policy: ingress and egress rules together. */
  readonly rules: number;
  /** Per policy: peers of all rules together. */
  readonly peers: number;
  /** Per policy: ports of all rules together. */
  readonly ports: number;
  /** Per selector: matchLabels, expressions and their values together. */
  readonly requirements: number;
}

/** A port on which a resolver answers, as a policy names it: the target port, not the Service's. */
export interface DnsPort {
  readonly port: number;
  readonly protocol: "UDP" | "TCP";
}

/** Where pods resolve names, as configured: pods, or addresses that no selector matches. */
export type ConfiguredDns =
  | {
      readonly kind: "pods";
      readonly namespace: string;
      readonly pods: Readonly<Record<string, string>>;
      readonly ports: readonly DnsPort[];
      /** The addresses of the Service before them. */
      readonly clusterIPs: readonly string[];
      /** Addresses on which a cache on every node answers for them. */
      readonly nodeLocalAddresses: readonly string[];
    }
  | { readonly kind: "addresses"; readonly addresses: readonly string[]; readonly ports: readonly DnsPort[] };

/** Ranges of addresses, as configured. */
export interface ConfiguredAddresses {
  readonly pods: readonly string[];
  readonly services: readonly string[];
  readonly nodes: readonly string[];
}

/** Pods that bring requests from outside to those behind Ingresses and HTTPRoutes. */
export interface ConfiguredIngressController {
  readonly namespace: string;
  /** Labels that its pods have; empty: all pods of the namespace. */
  readonly pods: Readonly<Record<string, string>>;
  readonly routes: ReadonlySet<"Ingress" | "HTTPRoute">;
  /** Empty: those of every class, and of none. */
  readonly ingressClasses: ReadonlySet<string>;
}

/** The intent of namespaces that declare none. */
export interface DefaultIntent {
  readonly namespaces: Selector;
  readonly intent: Intent;
  /** The same as the text of an annotation. */
  readonly text: string;
}

/** Whom intents mean, each empty where configuration names nobody; and who must have one. */
export interface IntentSettings extends Pick<Surroundings, "prometheus" | "proxy"> {
  /** Whether a namespace that enforces must have an intent. */
  readonly required: boolean;
  /** The first that matches is a namespace's. */
  readonly defaults: readonly DefaultIntent[];
}

/** The configuration as the engine and the rules see it: validated, with every default filled in. */
export interface Settings {
  readonly enforcement: Enforcement;
  /** What a namespace without labels gets. */
  readonly defaults: Modes;
  /** The least that a label may choose. */
  readonly floor: Readonly<Record<"enforce" | "warn" | "audit", Profile>>;
  /** Undefined until configured: guards that need operators then warn. */
  readonly operators: Principals | undefined;
  readonly exemptions: Principals & { readonly namespaces: ReadonlySet<string> };
  readonly exceptions: readonly Exception[];
  /** Rules that the annotation `waive.ringfence.dev/<rule>` may silence. */
  readonly waivable: ReadonlySet<string>;
  readonly protectedNamespaceLabels: ReadonlySet<string>;
  /** Namespaces whose pods and policies a message may name to anyone. */
  readonly publicNamespaces: ReadonlySet<string>;
  readonly systemNamespaces: { readonly names: ReadonlySet<string>; readonly action: "warn" | "deny" };
  /** Milliseconds for which a curable denial is held; at most 500. */
  readonly curableHold: number;
  /** How many requests may be held at once; beyond it they are denied at once. */
  readonly curableHoldLimit: number;
  readonly limits: Limits;
  /** The resolvers of this cluster, which replace what would be detected; undefined: detect. */
  readonly dns: { readonly resolvers: readonly ConfiguredDns[] } | undefined;
  /** Of this cluster, besides those that are read from it. */
  readonly clusterAddresses: ConfiguredAddresses;
  /** Where pods reach the API server, in place of what would be found; undefined: find. */
  readonly apiServer:
    { readonly addresses: readonly string[]; readonly ports: readonly number[] } | undefined;
  readonly ingressControllers: readonly ConfiguredIngressController[];
  readonly intents: IntentSettings;
  /** What no policy and no intent of a tenant may open more than; undefined: no bound. */
  readonly ceiling: Ceiling | undefined;
  readonly companions: {
    /** Whether DNS is opened as intents say, wherever egress is isolated, or by somebody else. */
    readonly dns: "intent" | "onDemand" | "never";
  };
  /** Options of each rule, by id, as the rule's own schema parsed them. */
  readonly rules: ReadonlyMap<string, unknown>;
}
