import { longestIntent, readIntent } from "../intent/read.ts";
import type { NamespaceFacts } from "../model/cluster-view.ts";
import type { DueCompanions } from "../model/companions.ts";
import type { Settings } from "../model/settings.ts";
import type { ApiServer } from "../network/api-server.ts";
import type { DnsProfile } from "../network/dns-profile.ts";
import { dnsRule } from "../network/dns-rule.ts";
import { labelSetKey, type LabelSet } from "../network/labels.ts";
import type { PolicySet } from "../network/policy-set.ts";
import { companionsOf, type CompanionContext } from "./due-companions.ts";
import { Recent } from "./recent.ts";

/** What is known of the cluster and configuration at a moment. */
export interface CompanionSources {
  readonly settings: Settings;
  readonly dns: DnsProfile;
  readonly apiServer: ApiServer | undefined;
}

interface Kept {
  readonly facts: NamespaceFacts;
  readonly context: CompanionContext;
  readonly policies: PolicySet | undefined;
  readonly due: DueCompanions;
}

/** How many different annotations are kept as read: most namespaces of a cluster say one of a few things. */
const keptReadings = 1024;

/** What is due in each namespace, found once as long as nothing changes on which it depends. */
export class CompanionCache {
  readonly #kept = new Map<string, Kept>();
  readonly #readings = new Recent(keptReadings, readIntent);
  #sources: CompanionSources | undefined;
  #context: { readonly text: string; readonly context: CompanionContext } | undefined;

  /** Of a namespace that is stored. */
  stored(
    facts: NamespaceFacts,
    sources: CompanionSources,
    policies: () => PolicySet | undefined,
  ): DueCompanions {
    const context = this.#contextOf(sources);
    const set = sources.settings.companions.dns === "onDemand" ? policies() : undefined;
    const kept = this.#kept.get(facts.name);
    if (kept !== undefined && kept.context === context && kept.policies === set && same(kept.facts, facts)) {
      return kept.due;
    }
    const due = companionsOf(facts, context, () => set);
    this.#kept.set(facts.name, { facts, context, policies: set, due });
    return due;
  }

  /** Of one that is only thought of. */
  of(facts: NamespaceFacts, sources: CompanionSources, policies: () => PolicySet | undefined): DueCompanions {
    return companionsOf(facts, this.#contextOf(sources), policies);
  }

  /** The namespace is gone. */
  forget(namespace: string): void {
    this.#kept.delete(namespace);
  }

  /** The same object as long as it says the same: a profile is found anew more often than it changes. */
  #contextOf(sources: CompanionSources): CompanionContext {
    const { settings, dns, apiServer } = sources;
    const last = this.#sources;
    if (
      this.#context !== undefined &&
      last?.settings === settings &&
      last.dns === dns &&
      last.apiServer === apiServer
    ) {
      return this.#context.context;
    }
    const rule = dnsRule(dns);
    const text = textOf(rule, apiServer);
    if (this.#context?.text !== text || last?.settings !== settings) {
      // What is too long to be read is refused at once, and would fill the memory with its text.
      const read = (annotation: string) =>
        annotation.length > longestIntent ? readIntent(annotation) : this.#readings.get(annotation);
      this.#context = { text, context: { settings, dns: rule, apiServer, read } };
    }
    this.#sources = sources;
    return this.#context.context;
  }
}

function textOf(rule: CompanionContext["dns"], apiServer: ApiServer | undefined): string {
  const endpoints = [...(apiServer?.endpoints ?? []), ...(apiServer?.service ?? [])];
  const addresses = endpoints.map(({ address, port }) => `${address.family} ${address.value} ${port}`);
  return JSON.stringify([rule, addresses]);
}

/** A list that is read again brings equal facts as other objects. */
function same(a: NamespaceFacts, b: NamespaceFacts): boolean {
  if (a === b) return true;
  return (
    a.uid === b.uid &&
    a.terminating === b.terminating &&
    sameLabels(a.labels, b.labels) &&
    sameLabels(a.annotations, b.annotations)
  );
}

function sameLabels(a: LabelSet, b: LabelSet): boolean {
  return a.size === b.size && labelSetKey(a) === labelSetKey(b);
}
