import { hostname } from "node:os";
import type { BaseLogger } from "pino";
import { createController, type CompanionController } from "../companions/controller.ts";
import type { CompanionCounts } from "../companions/state.ts";
import { policyRequests } from "../kubernetes/apply.ts";
import type { KubernetesClient } from "../kubernetes/client.ts";
import type { Clock } from "../kubernetes/clock.ts";
import { namespaceEvents, type NamespaceEvents } from "../kubernetes/events.ts";
import type { Settings } from "../model/settings.ts";
import { dnsRule } from "../network/dns-rule.ts";
import { everything } from "../network/selector.ts";
import type { StandingPolicy } from "../view/companion-index.ts";
import type { LiveView } from "../view/live-view.ts";
import type { Leadership } from "./leadership.ts";
import { companionReports } from "./companion-reports.ts";
import { missingRights } from "./companion-rights.ts";
import { policyWriter } from "./policy-writer.ts";

export interface CompanionsOptions {
  readonly view: LiveView;
  readonly settings: () => Settings;
  /** Whether the view is complete. */
  readonly synced: () => boolean;
  readonly client: Pick<KubernetesClient, "get">;
  /** Writes while this replica leads. */
  readonly leadership: Pick<Leadership, "writer" | "start">;
  readonly log: BaseLogger;
  readonly wrote: (verb: string, result: string) => void;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
}

/** The controller that writes companions, joined to the view and the API server. */
export interface Companions {
  /** Stands for leadership once the view is complete, and writes while this replica leads and has the rights. */
  start(): void;
  /** Does not stand for leadership any more; who leads goes on until the leadership is stopped. */
  stop(): void;
  namespaceChanged(namespace: string): void;
  /** Any policy of the namespace came, changed or went. */
  policyChanged(namespace: string): void;
  /** A policy with the name of a companion came, changed or went. */
  companionChanged(namespace: string, name: string, after: StandingPolicy | undefined): void;
  settingsChanged(): void;
  counts(): CompanionCounts;
  /** A line for `/readyz?verbose`. */
  text(): string;
}

/** Milliseconds. */
const lookEvery = 2_000;
const syncedEvery = 100;
const rightsAgain = { first: 1_000, cap: 60_000 };

export function createCompanions(options: CompanionsOptions): Companions {
  const { settings, synced, leadership, clock } = options;
  const events = eventsOf(options);
  const controller = controllerOf(options, events);
  const standsBy = "another replica leads, or none does yet";
  let waitsFor: string | undefined = "the view is not complete";
  const run = async (signal: AbortSignal): Promise<void> => {
    await untilAllowed(options, signal, (missing) => {
      waitsFor = missing;
    });
    if (!signal.aborted) {
      waitsFor = undefined;
      await Promise.all([
        controller.run(signal),
        events.run(signal),
        watchSurroundings(options, signal, () => controller.changedEverywhere()),
      ]);
    }
    waitsFor = standsBy;
  };
  const stopping = new AbortController();
  const begin = async (): Promise<void> => {
    // A replica that does not know the cluster leaves it to others.
    while (!synced() && !stopping.signal.aborted) await clock.sleep(syncedEvery, stopping.signal);
    if (stopping.signal.aborted) return;
    waitsFor = standsBy;
    leadership.start(run);
  };
  return {
    start: () => void begin(),
    stop: () => stopping.abort(),
    namespaceChanged: (namespace) => controller.changed(namespace),
    policyChanged: (namespace) => {
      // What isolates egress there has perhaps changed.
      if (settings().companions.dns === "onDemand") controller.changed(namespace);
    },
    companionChanged: (namespace, name, after) => controller.arrived(namespace, name, after),
    settingsChanged: () => controller.changedEverywhere(),
    counts: () => controller.counts(),
    text() {
      if (waitsFor !== undefined) return `not written here: ${waitsFor}`;
      const states = Object.entries(controller.counts()).map(([state, count]) => `${count} ${state}`);
      return `${states.join(", ")}; ${controller.waiting} namespaces to look at`;
    },
  };
}

function eventsOf({ leadership, log, clock }: CompanionsOptions): NamespaceEvents {
  return namespaceEvents({
    writer: leadership.writer,
    clock,
    date: () => new Date(),
    instance: hostname(),
    onError: (error) => log.warn({ problem: String(error) }, "an Event could not be written"),
  });
}

function controllerOf(
  { view, client, leadership, log, wrote, clock, random }: CompanionsOptions,
  events: NamespaceEvents,
): CompanionController {
  return createController({
    source: {
      // Without a right to read policies nobody knows what stands: nothing is written.
      namespace: (name) => (view.companionPolicies.known ? view.namespaces?.get(name) : undefined),
      due: (facts) => view.companionsFor(facts),
      standing: (namespace) => view.companionPolicies.in(namespace),
      *namespaces() {
        for (const { name } of view.namespaces?.matching(everything("namespaces")) ?? []) yield name;
      },
    },
    writer: policyWriter(policyRequests({ writer: leadership.writer, client })),
    clock,
    random,
    report: companionReports(log, events),
    wrote,
    onError: (namespace, error) => log.error({ namespace, err: error }, "companions could not be looked at"),
  });
}

/** Resolves when the rights to write are there, or on abort; each time that they are not it is told what is missing. */
async function untilAllowed(
  { leadership: { writer }, log, clock, random }: CompanionsOptions,
  signal: AbortSignal,
  tell: (missing: string) => void,
): Promise<void> {
  let told = "";
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    try {
      const { needed, wished } = await missingRights(writer, signal);
      if (needed.length === 0) {
        if (wished.length > 0) log.warn({ missing: wished }, "Events are not written: rights are missing");
        return;
      }
      tell(`rights are missing: ${needed.join(", ")}`);
      // An API server that has just started has not loaded its roles yet.
      if (attempt >= 3 && told !== needed.join()) {
        told = needed.join();
        log.error({ missing: needed }, "companions are not written: rights are missing");
      }
    } catch (error) {
      tell(`it is not known what this account may do: ${String(error)}`);
    }
    const wait = Math.min(rightsAgain.cap, rightsAgain.first * 2 ** attempt);
    await clock.sleep(wait * (0.5 + random() / 2), signal);
  }
}

/** Looks now and then whether the DNS or the API server is to be reached otherwise than before, or policies may be read again. */
async function watchSurroundings(
  { view, clock }: CompanionsOptions,
  signal: AbortSignal,
  changed: () => void,
): Promise<void> {
  const look = (): string =>
    JSON.stringify([dnsRule(view.dns), view.apiServer, view.companionPolicies.known], textOfBigInt);
  let before = look();
  while (!signal.aborted) {
    await clock.sleep(lookEvery, signal);
    const now = look();
    if (now !== before) changed();
    before = now;
  }
}

function textOfBigInt(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
