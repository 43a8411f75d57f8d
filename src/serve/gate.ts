import type { BaseLogger } from "pino";
import { mutating, validating, type Deciding } from "../admission/decide.ts";
import { holdSlots } from "../admission/hold.ts";
import { policyOfReview, type CompilePolicy } from "../admission/review.ts";
import { watchConfiguration, type ConfigurationWatch } from "../config/reload.ts";
import { RingfenceError } from "../errors.ts";
import { createClient } from "../kubernetes/client.ts";
import { systemClock } from "../kubernetes/clock.ts";
import { connect } from "../kubernetes/connection.ts";
import { startFacts, type FactsLoop } from "../kubernetes/facts-loop.ts";
import type { ReflectorEvent } from "../kubernetes/reflector.ts";
import { createWriter } from "../kubernetes/writer.ts";
import { modesReader } from "../model/modes.ts";
import type { Decide } from "../model/verdict.ts";
import { readPolicy } from "../network/dialects/kubernetes.ts";
import { Interner } from "../network/interner.ts";
import { rules } from "../rules/index.ts";
import type { Check } from "../server/health.ts";
import type { Result } from "../telemetry/metrics.ts";
import { createAdmitted } from "../view/admitted.ts";
import { configuredApiServer } from "../view/configured-api-server.ts";
import { configuredResolvers } from "../view/configured-dns.ts";
import { createEngine } from "../engine/engine.ts";
import { brokenRules, objectRules } from "../engine/standing.ts";
import { createLiveView, type LiveView } from "../view/live-view.ts";
import { addressesOf } from "./addresses.ts";
import { createCompanions, type Companions } from "./companions.ts";
import { cniText, watchCni, type CniWatch } from "./cni-watch.ts";
import { followCluster, type Following } from "./follow.ts";
import { createLeadership, type Leadership, type LeasePlace } from "./leadership.ts";
import { idleExceptions, idleExceptionsTold } from "./idle-exceptions.ts";
import { unreadableModes } from "./unreadable-modes.ts";

export interface GateOptions {
  readonly config: string;
  readonly kubeconfig: string | undefined;
  readonly lease: LeasePlace;
  readonly log: BaseLogger;
  readonly metrics: {
    configurationReloaded(result: Result): void;
    lateVerdict(): void;
    companionWrite(verb: string, result: string): void;
  };
}

/** What decides: configuration, cluster view and engine, joined. */
export interface Gate {
  readonly validate: Decide;
  readonly mutate: Decide;
  readonly compile: CompilePolicy;
  readonly checks: readonly Check[];
  /** Lines for `/readyz?verbose`. */
  states(): Iterable<readonly [name: string, text: string]>;
  enforcement(): string;
  /** Whether anything enforces policies in this cluster: `enforced`, `not-enforced` or `unknown`. */
  cniVerdict(): string;
  /** Namespaces whose mode labels cannot be read. */
  unreadableModes(): number;
  reflectors(): Iterable<{ kind: string; synced: boolean; staleSeconds: number }>;
  /** Policies by kind, of the kinds that are not modelled; undefined where they cannot be counted. */
  unmodelled(): Iterable<readonly [kind: string, policies: number | undefined]>;
  /** Whether this replica is the one that writes companions. */
  leads(): boolean;
  /** How many companions are in each state; all zero on a replica that does not write them. */
  companions(): Readonly<Record<string, number>>;
  /** Ends the writing, reflectors, connections and file watches. */
  close(): Promise<void>;
}

/** Milliseconds that the API server may keep a reflector waiting for the begin of an answer. */
const answerTimeout = 30_000;

/** Joins configuration, view and engine. Rejects with RF_ERR_CONFIG or RF_ERR_KUBECONFIG. */
export async function composeGate(options: GateOptions): Promise<Gate> {
  const { log, metrics } = options;
  // The configuration may change before the cluster is connected.
  const late: { companions?: Companions } = {};
  const configuration = watch(options, () => {
    idle.reset();
    late.companions?.settingsChanged();
  });
  const settings = () => configuration.settings();
  const inspecting = objectRules(rules);
  const interner = new Interner();
  const compile: CompilePolicy = readPolicy;
  const admitted = createAdmitted({
    now: () => performance.now(),
    compile: (body) => policyOfReview(body, compile),
  });
  const unreadable = unreadableModes(settings, (namespace, labels) => {
    log.warn({ namespace, labels }, "mode labels cannot be read; the namespace is judged as restricted");
  });
  const cni = watchCni(log, () => settings().systemNamespaces.names);
  const view: LiveView = createLiveView({
    interner,
    settings,
    cni: () => cni.verdict(),
    addresses: addressesOf(() => facts.current(), settings),
    apiServer: () => configuredApiServer(settings().apiServer),
    facts: () => facts.current(),
    resolvers: () => configuredResolvers(settings().dns, view.namespaces),
    policyChanged: (namespace, name) => {
      admitted.policyArrived(namespace, name);
      companions.policyChanged(namespace);
    },
    namespaceChanged: (name, facts) => {
      unreadable.changed(name, facts);
      companions.namespaceChanged(name);
    },
    companionChanged: (namespace, name, after) => companions.companionChanged(namespace, name, after),
    inspect: (policy, compiled) =>
      brokenRules(policy, compiled, view, { rules: inspecting, settings: settings(), expired: () => false }),
  });
  const idle = idleExceptionsTold(
    () => idleExceptions(settings(), view.namespaces, new Date()),
    (exception) => log.warn({ exception }, "an exception has no effect"),
  );
  idle.look();
  const connection = await connect({ kubeconfig: options.kubeconfig });
  const client = createClient(connection, { answerTimeout });
  const writer = createWriter(connection, { answerTimeout });
  const leadership = createLeadership({ client, writer, log, lease: options.lease });
  const following = followCluster({
    client,
    view,
    observer: (kind, event) => {
      logReflector(log, kind, event);
      // From then on it is known which namespaces there are.
      if (kind === "namespaces" && event.type === "listed") idle.look();
    },
    clock: systemClock,
    random: Math.random,
  });
  const facts = startFacts({
    client,
    clock: systemClock,
    random: Math.random,
    turn: (signal) => following.listed(signal),
    changed: (read) => cni.update(read),
    failed: (error) => log.error({ err: error }, "the facts of the cluster could not be taken in"),
  });
  const companions = createCompanions({
    view,
    settings,
    synced: () => following.synced(),
    client,
    leadership,
    log,
    wrote: (verb, result) => metrics.companionWrite(verb, result),
    clock: systemClock,
    random: Math.random,
  });
  late.companions = companions;
  companions.start();
  const deciding: Deciding = {
    engine: createEngine({ rules, compile, now: () => new Date() }),
    view,
    admitted,
    settings,
    readModes: modesReader(),
    slots: holdSlots(() => settings().curableHoldLimit),
    clock: () => performance.now(),
    lateVerdict: lateVerdictTold(options),
  };
  return {
    validate: onceSynced(validating(deciding), following),
    mutate: onceSynced(mutating(deciding), following),
    compile,
    checks: [{ name: "view", failure: () => notSynced(following) }],
    states: () => states(configuration, following, view, { facts, cni, leadership, companions }),
    leads: () => leadership.leads(),
    companions: () => companions.counts(),
    cniVerdict: () => cni.verdict()?.verdict ?? "unknown",
    enforcement: () => settings().enforcement,
    unreadableModes: () => unreadable.count(),
    reflectors: () => reflectorStates(following),
    unmodelled: () => view.unmodelled.counts(),
    close: async () => {
      configuration.close();
      companions.stop();
      await leadership.stop();
      await facts.stop();
      await following.stop();
    },
  };
}

function watch({ config, log, metrics }: GateOptions, taken: () => void): ConfigurationWatch {
  return watchConfiguration(config, {
    rules,
    onChange: (settings, state) => {
      metrics.configurationReloaded("ok");
      log.info({ enforcement: settings.enforcement, hash: state.hash }, "configuration taken over");
      taken();
    },
    onError: (error) => {
      metrics.configurationReloaded("failed");
      log.error({ problem: error.message }, "configuration is not good; the last good one stays in force");
    },
  });
}

function lateVerdictTold({ log, metrics }: GateOptions): Deciding["lateVerdict"] {
  return ({ uid, namespace, name }, given, now) => {
    metrics.lateVerdict();
    const findings = now.findings.map(({ rule }) => rule.id).join(",");
    log.warn(
      { uid, namespace, name, given: given.allowed, now: now.allowed, rules: findings },
      "judged before its namespace was known; judged again it would have been answered otherwise",
    );
  };
}

function reflectorStates(following: Following): ReturnType<Gate["reflectors"]> {
  return following.kinds().map(({ kind, phase, stalenessSeconds }) => ({
    kind,
    synced: phase === "watching" || phase === "behind",
    staleSeconds: stalenessSeconds ?? 0,
  }));
}

function onceSynced(decide: Decide, following: Following): Decide {
  return (subject, request) => {
    const missing = notSynced(following);
    if (missing !== undefined)
      throw new RingfenceError("RF_ERR_NOT_READY", `the cluster view is not complete: ${missing}`);
    return decide(subject, request);
  };
}

/** No verdict is given from a view that was never complete: that would be an empty policy set. */
function notSynced(following: Following): string | undefined {
  if (following.synced()) return undefined;
  const missing = following.kinds().filter(({ phase }) => phase === "starting");
  return `not listed yet: ${missing.map(({ kind }) => kind).join(", ")}`;
}

function* states(
  configuration: ConfigurationWatch,
  following: Following,
  view: LiveView,
  read: {
    readonly facts: FactsLoop;
    readonly cni: CniWatch;
    readonly leadership: Leadership;
    readonly companions: Companions;
  },
): Iterable<readonly [string, string]> {
  const { loadedAt, hash, error } = configuration.state();
  yield ["enforcement", configuration.settings().enforcement];
  yield ["configuration", `loaded ${loadedAt.toISOString()}, sha256 ${hash.slice(0, 12)}`];
  if (error !== undefined) yield ["configuration error", error.message];
  for (const line of idleExceptions(configuration.settings(), view.namespaces, new Date()))
    yield ["exception without effect", line];
  const { evidence, unread } = view.dns;
  yield ["dns", unread.length === 0 ? evidence : `${evidence}; not known: ${unread.join("; ")}`];
  yield ["companions", read.companions.text()];
  yield ["companions' lease", read.leadership.text()];
  const age = read.facts.ageSeconds();
  yield ["cni", `${cniText(read.cni.verdict())}${age === undefined ? "" : `, read ${age.toFixed(0)} s ago`}`];
  for (const { kind, phase, stalenessSeconds, error: problem } of following.kinds()) {
    const heard = stalenessSeconds === undefined ? "" : `, heard of ${stalenessSeconds.toFixed(0)} s ago`;
    yield [kind, `${phase}${heard}${problem === undefined ? "" : `, ${problem}`}`];
  }
}

function logReflector(log: BaseLogger, kind: string, event: ReflectorEvent): void {
  const { type, ...fields } = event;
  switch (event.type) {
    case "listed":
      log.info({ kind, ...fields }, "listed");
      return;
    case "failed":
      log.warn(
        { kind, problem: String(event.error), retryIn: event.retryIn },
        "reflector failed; trying again",
      );
      return;
    case "forbidden":
      log.warn(
        { kind, problem: String(event.error) },
        "this kind may not be read: what depends on it is unknown",
      );
      return;
    case "objectFailed":
      log.error(
        { kind, err: event.error, namespace: event.namespace, name: event.name, type },
        "an object was left out",
      );
  }
}
