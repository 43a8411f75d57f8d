import type { Pod } from "#src/wire/pod.ts";
import { junk, objectOf, oddStrings, type Json } from "./json.ts";
import type { Random } from "./random.ts";

/**
 * Random policies and namespaces. `mess` is the chance of each value to be something that does not belong there; with 0
 * the shapes are those of the API, though not all are valid.
 */
export class Objects {
  readonly #random: Random;
  readonly #mess: number;

  constructor(random: Random, mess: number) {
    this.#random = random;
    this.#mess = mess;
  }

  policy(name: string, namespace: string): Json {
    return this.#object({
      apiVersion: () => "networking.k8s.io/v1",
      kind: () => "NetworkPolicy",
      metadata: () => this.#metadata(name, namespace),
      spec: () => this.#maybe(0.98, () => this.#spec()),
    });
  }

  /** The policy changed in one part, as an edit does. */
  edited(policy: Json, namespace: string): Json {
    const other = this.policy(this.#random.pick(names), namespace);
    if (!isRecord(policy) || !isRecord(other)) return other;
    const [spec, otherSpec] = [policy["spec"], other["spec"]];
    if (!isRecord(spec) || !isRecord(otherSpec)) return { ...policy, spec: otherSpec ?? null };
    const part = this.#random.pick(["podSelector", "policyTypes", "ingress", "egress"]);
    return { ...policy, spec: { ...spec, [part]: otherSpec[part] ?? null } };
  }

  /** A pod as the API server hands it out, but for odd strings in it. */
  pod(name: string, namespace: string): Pod {
    const labels = this.#random.list(3, () => [this.#word(keys), this.#word(words)] as const);
    const port = () => ({
      name: this.#random.pick(["web", "dns", "dns-tcp", ""]),
      containerPort: this.#random.pick([53, 80, 8080]),
      protocol: this.#random.pick(["TCP", "UDP"]),
    });
    return {
      metadata: { name, namespace, labels: Object.fromEntries(labels) },
      spec: {
        hostNetwork: this.#random.chance(0.1),
        dnsPolicy: this.#random.pick(["ClusterFirst", "ClusterFirst", "Default", "None"]),
        containers: [{ name: "main", ports: this.#random.list(3, port) }],
      },
      status: { phase: this.#random.pick(["Running", "Running", "Pending", "Succeeded"]) },
    };
  }

  namespace(name: string): Json {
    return this.#object({
      apiVersion: () => "v1",
      kind: () => "Namespace",
      metadata: () =>
        this.#object({
          name: () => name,
          labels: () => this.#labels(modeLabels, modeValues),
          annotations: () => this.#maybe(0.3, () => this.#labels(annotations, words)),
          deletionTimestamp: () => this.#maybe(0.05, () => "2026-01-01T00:00:00Z"),
        }),
      spec: () => this.#maybe(0.3, () => this.#object({ finalizers: () => ["kubernetes"] })),
      status: () =>
        this.#maybe(0.3, () => this.#object({ phase: () => this.#random.pick(["Active", "Terminating"]) })),
    });
  }

  #metadata(name: string, namespace: string): Json {
    return this.#object({
      name: () => this.#maybe(0.98, () => name),
      namespace: () => namespace,
      uid: () => this.#maybe(0.5, () => "705ab4f5-6393-11e8-b7cc-42010a800002"),
      labels: () => this.#maybe(0.4, () => this.#labels(keys, words)),
      annotations: () => this.#maybe(0.3, () => this.#labels(annotations, words)),
      deletionTimestamp: () => this.#maybe(0.05, () => "2026-01-01T00:00:00Z"),
      finalizers: () => this.#maybe(0.1, () => ["example.com/keep"]),
      ownerReferences: () =>
        this.#maybe(0.1, () => [
          this.#object({ apiVersion: () => "v1", kind: () => "Pod", name: () => "a", uid: () => "b" }),
        ]),
    });
  }

  #spec(): Json {
    return this.#object({
      podSelector: () => this.#maybe(0.95, () => this.#selector(keys, words)),
      policyTypes: () =>
        this.#maybe(0.9, () =>
          this.#list(3, () => this.#random.pick(["Ingress", "Egress", "Egress", "Both", ""])),
        ),
      ingress: () =>
        this.#maybe(0.7, () =>
          this.#list(3, () => this.#object({ from: () => this.#peers(), ports: () => this.#ports() })),
        ),
      egress: () =>
        this.#maybe(0.8, () =>
          this.#list(3, () => this.#object({ to: () => this.#peers(), ports: () => this.#ports() })),
        ),
    });
  }

  #peers(): Json | undefined {
    return this.#maybe(0.8, () =>
      this.#list(4, () =>
        this.#object({
          podSelector: () => this.#maybe(0.6, () => this.#selector(keys, words)),
          namespaceSelector: () => this.#maybe(0.4, () => this.#selector(namespaceKeys, namespaceValues)),
          ipBlock: () => this.#maybe(0.2, () => this.#block()),
        }),
      ),
    );
  }

  #block(): Json {
    const range = (): Json => this.#value(() => this.#random.pick(ranges));
    return this.#object({ cidr: range, except: () => this.#maybe(0.4, () => this.#list(3, range)) });
  }

  #ports(): Json | undefined {
    return this.#maybe(0.7, () =>
      this.#list(3, () =>
        this.#object({
          protocol: () =>
            this.#maybe(0.8, () => this.#random.pick(["TCP", "UDP", "UDP", "SCTP", "tcp", "ICMP", ""])),
          port: () =>
            this.#maybe(0.9, () =>
              this.#random.pick<Json>([53, 53, 80, 5353, 8080, 0, 65_536, -1, "dns", "dns-tcp", "web", ""]),
            ),
          endPort: () => this.#maybe(0.2, () => this.#random.pick([53, 90, 9_000, 65_535, 1])),
        }),
      ),
    );
  }

  #selector(ofKeys: Words, ofValues: Words): Json {
    const key = (): Json => this.#word(ofKeys);
    const value = (): Json => this.#word(ofValues);
    return this.#object({
      matchLabels: () => this.#maybe(0.6, () => this.#labels(ofKeys, ofValues)),
      matchExpressions: () =>
        this.#maybe(0.4, () =>
          this.#list(3, () =>
            this.#object({
              key,
              operator: () => this.#random.pick(["In", "In", "NotIn", "Exists", "DoesNotExist", "in", ""]),
              values: () => this.#maybe(0.7, () => this.#list(3, value)),
            }),
          ),
        ),
    });
  }

  #labels(ofKeys: Words, ofValues: Words): Json {
    const pairs = this.#random.list(
      3,
      () => [this.#word(ofKeys), this.#value(() => this.#word(ofValues))] as const,
    );
    return objectOf(pairs);
  }

  #word(words: Words): string {
    return this.#random.chance(0.05) ? this.#random.pick(oddStrings) : this.#random.pick(words);
  }

  /** An object of these fields; what is `undefined` is left out; a field that nobody knows stands there at times. */
  #object(fields: Record<string, () => Json | undefined>): Json {
    const entries: [string, Json][] = [];
    for (const [name, make] of Object.entries(fields)) {
      const value = this.#value(make);
      if (value !== undefined) entries.push([name, value]);
    }
    if (this.#random.chance(this.#mess)) entries.push([this.#random.pick(oddStrings), junk(this.#random)]);
    return objectOf(entries);
  }

  #list(most: number, item: () => Json): Json {
    return this.#random.list(most, () => this.#value(item));
  }

  #maybe(probability: number, make: () => Json): Json | undefined {
    return this.#random.chance(probability) ? make() : undefined;
  }

  #value<T extends Json | undefined>(make: () => T): T | Json {
    return this.#random.chance(this.#mess) ? junk(this.#random) : make();
  }
}

type Words = readonly [string, ...string[]];

/** Few names, so that requests meet what stands. */
export const names: Words = ["api", "deny", "allow-dns", "ringfence-default-deny", "web"];
const keys: Words = ["app", "app", "app", "k8s-app", "tier", "app.kubernetes.io/managed-by"];
const words: Words = [
  "api",
  "web",
  "frontend",
  "postgres",
  "kube-dns",
  "ringfence",
  "no reason",
  "-until=2020-01-01",
];
const namespaceKeys: Words = [
  "kubernetes.io/metadata.name",
  "kubernetes.io/metadata.name",
  "name",
  "team",
  "ns",
];
const namespaceValues: Words = ["kube-system", "shop", "monitoring", "one"];
const modeLabels: Words = [
  "ringfence.dev/enforce",
  "ringfence.dev/warn",
  "ringfence.dev/audit",
  "ringfence.dev/patch",
  "ringfence.dev/enforce-version",
  "ringfence.dev/nosuch",
  "kubernetes.io/metadata.name",
  "team",
];
const modeValues: Words = [
  "baseline",
  "restricted",
  "privileged",
  "basline",
  "v1",
  "latest",
  "v99999999999999999999",
];
const annotations: Words = [
  "waive.ringfence.dev/missing-dns-egress",
  "waive.ringfence.dev/or-ed-selectors",
  "ringfence.dev/network-policies",
  "note",
];
const ranges: Words = [
  "0.0.0.0/0",
  "0.0.0.0/1",
  "128.0.0.0/1",
  "10.96.0.10/32",
  "10.244.0.0/16",
  "169.254.20.10/32",
  "10.0.0.5/24",
  "010.0.0.0/8",
  "::/0",
  "fd00::/8",
  "::ffff:10.0.0.0/104",
  "10.0.0.0/33",
  "10.0.0.0",
  "999.1.1.1/8",
  "::1::/64",
  "/",
];

function isRecord(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
