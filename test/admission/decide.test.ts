import { describe, expect, it } from "vitest";
import { mutating, validating, type Deciding } from "#src/admission/decide.ts";
import type { Settings } from "#src/model/settings.ts";
import type { Verdict } from "#src/model/verdict.ts";
import { Interner } from "#src/network/interner.ts";
import type { LiveView } from "#src/view/live-view.ts";
import type { NetworkPolicySpec } from "#src/wire/network-policy.ts";
import { decidingOn, type Request, subjectOf } from "../support/decisions.ts";
import { asking } from "../support/fixture-requests.ts";
import { cluster } from "../support/fixtures.ts";
import type { KubernetesObject } from "../support/objects.ts";
import { modes, settingsWith } from "../support/settings.ts";
import { deliver, viewFromObjects } from "../support/view-from-objects.ts";

const never = new AbortController().signal;
/** Far beyond what any of these takes: whoever waits for it to pass has failed. */
const long = 20_000;
const short = 20;

const surroundings = cluster.map((object) => asking("baseline", object));
/** Only what the view has to learn is missing: the namespace itself. */
const withoutShop = surroundings.filter(({ metadata }) => metadata.name !== "shop");

function policy(name: string, spec: NetworkPolicySpec): KubernetesObject {
  const metadata = { name, namespace: "shop" };
  return { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata, spec } as KubernetesObject;
}

const defaultDeny = policy("default-deny", { podSelector: {}, policyTypes: ["Egress"] });
const allowDns = policy("allow-dns", {
  podSelector: {},
  policyTypes: ["Egress"],
  egress: [{ ports: ["UDP", "TCP"].map((protocol) => ({ protocol, port: 53 })) }],
});
/** Cuts DNS off, which can be cured, and has rules that are ignored, which cannot. */
const faulty = policy("faulty", { podSelector: {}, policyTypes: ["Egress"], ingress: [{}] });
const shop: KubernetesObject = {
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name: "shop", labels: { "ringfence.dev/enforce": "baseline" } },
};

interface Gate {
  readonly view: LiveView;
  readonly ask: (
    object: KubernetesObject,
    change?: Partial<Request>,
    signal?: AbortSignal,
  ) => Promise<Verdict>;
  readonly repair: (object: KubernetesObject) => Promise<Verdict>;
}

function gate(
  change: Partial<Settings>,
  objects: readonly KubernetesObject[] = surroundings,
  parts: Partial<Deciding> = {},
): Gate {
  const settings = settingsWith({ curableHold: long, ...change });
  const view = viewFromObjects(objects, { interner: new Interner(), settings });
  const deciding = { ...decidingOn(view, settings), ...parts };
  const subject = (object: KubernetesObject, asked: Partial<Request> = {}) =>
    subjectOf({ cluster: [], operation: "CREATE", object, settings, ...asked });
  return {
    view,
    ask: async (object, asked, signal = never) => validating(deciding)(subject(object, asked), { signal }),
    repair: async (object) => mutating(deciding)(subject(object), { signal: never }),
  };
}

/** Lets everything run that is ready to. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("a denial that another object of the same apply may cure", () => {
  it("is held until that object comes from the API server", async () => {
    const { view, ask } = gate({});
    const answer = ask(defaultDeny);
    await turn();
    deliver(view, allowDns);
    expect(await answer).toMatchObject({ allowed: true, warnings: [], held: expect.any(Number) as number });
  });

  it("is held until that object is admitted here, whichever is asked first", async () => {
    for (const order of [
      [defaultDeny, allowDns],
      [allowDns, defaultDeny],
    ]) {
      const { ask } = gate({});
      const verdicts = await Promise.all(order.map((object) => ask(object)));
      expect(verdicts.map(({ allowed }) => allowed)).toEqual([true, true]);
    }
  });

  it("is not cured by a policy whose name is taken: the API server refuses to create that", async () => {
    const { ask } = gate({ curableHold: short }, [...surroundings, policy("allow-dns", { podSelector: {} })]);
    const verdicts = [await ask(allowDns), await ask(defaultDeny)];
    expect(verdicts.map(({ allowed }) => allowed)).toEqual([true, false]);
  });

  it("is held through events that do not cure it, and given when time is up", async () => {
    const { view, ask } = gate({ curableHold: short });
    const answer = ask(defaultDeny);
    await turn();
    deliver(view, policy("other", { podSelector: {}, policyTypes: ["Ingress"] }));
    const verdict = await answer;
    expect(verdict.allowed).toBe(false);
    expect(verdict.held).toBeGreaterThan(0);
  });

  it.each<[string, KubernetesObject, Partial<Settings>, Partial<Request>]>([
    ["beside a finding that nothing cures", faulty, {}, {}],
    ["beyond the limit of those held", defaultDeny, { curableHoldLimit: 0 }, {}],
    ["with holding switched off", defaultDeny, { curableHold: 0 }, {}],
  ])("is given at once %s", async (_, object, settings, request) => {
    const verdict = await gate(settings).ask(object, request);
    expect(verdict).toMatchObject({ allowed: false });
    expect(verdict.held).toBeUndefined();
  });

  it("is a warning on a dry run, at once; and what a dry run admits cures nothing", async () => {
    const { ask } = gate({ curableHold: short });
    const dry = await ask(defaultDeny, { dryRun: true });
    expect(dry.allowed).toBe(true);
    expect(dry.warnings[0]).toContain("missing-dns-egress");
    expect(dry.held).toBeUndefined();
    expect((await ask(allowDns, { dryRun: true })).allowed).toBe(true);
    expect((await ask(defaultDeny)).allowed).toBe(false);
  });

  it("ends without a verdict when the request ends", async () => {
    const request = new AbortController();
    const answer = gate({}).ask(defaultDeny, {}, request.signal);
    await turn();
    request.abort();
    await expect(answer).rejects.toMatchObject({ code: "RF_ERR_DEADLINE" });
  });
});

describe("a denial that stands on what the view has perhaps not seen", () => {
  const restricted = cluster.map((object) => asking("restricted", object));
  const closed = policy("closed", { podSelector: {}, policyTypes: ["Ingress"] });
  const deletion = { operation: "DELETE" } as const;

  it("is held for it, though nothing cures it: the workload goes", async () => {
    const { view, ask } = gate({}, [...restricted, closed]);
    const answer = ask(closed, deletion);
    await turn();
    for (const name of ["frontend-1", "api-1", "api-2"])
      view.handlers.pods.remove({ metadata: { namespace: "shop", name } });
    expect(await answer).toMatchObject({ allowed: true, held: expect.any(Number) as number });
  });

  it("is not given where the replacement was admitted here, and is where that was deleted again", async () => {
    const { ask } = gate({ curableHold: short }, [...restricted, closed]);
    const replacement = policy("replacement", { podSelector: {}, policyTypes: ["Ingress"] });
    expect((await ask(replacement)).allowed).toBe(true);
    expect(await ask(closed, deletion)).toMatchObject({ allowed: true });
    expect((await ask(replacement, deletion)).allowed).toBe(true);
    expect((await ask(closed, deletion)).allowed).toBe(false);
  });

  it("is given at once on a dry run where nobody may be held, and is no warning there", async () => {
    const { ask } = gate({ curableHoldLimit: 0 }, [...restricted, closed]);
    const verdict = await ask(closed, { ...deletion, dryRun: true });
    expect(verdict.allowed).toBe(false);
    expect(verdict.held).toBeUndefined();
  });
});

describe("a policy of a namespace that the cache has not seen", () => {
  it("is held until the namespace comes, and judged by its labels", async () => {
    const { view, ask } = gate({}, withoutShop);
    const answer = ask(policy("faulty", { podSelector: {}, policyTypes: ["Ingress", "Ingress"] }));
    await turn();
    deliver(view, shop);
    expect(await answer).toMatchObject({ allowed: false, held: expect.any(Number) as number });
  });

  it("is judged by the namespace as it was admitted here, when time is up", async () => {
    const { ask } = gate({ curableHold: short }, withoutShop);
    expect((await ask(shop)).allowed).toBe(true);
    const twice = policy("twice", { podSelector: {}, policyTypes: ["Ingress", "Ingress"] });
    expect((await ask(twice)).allowed).toBe(false);
    // What the set does is not known: never a denial.
    expect((await ask(defaultDeny)).allowed).toBe(true);
  });

  it("is else judged by the defaults raised to the floor", async () => {
    const twice = policy("twice", { podSelector: {}, policyTypes: ["Ingress", "Ingress"] });
    const floor = { enforce: "baseline", warn: "privileged", audit: "privileged" } as const;
    const asks = async (settings: Partial<Settings>) =>
      (await gate({ curableHold: short, ...settings }, withoutShop).ask(twice)).allowed;
    expect(await asks({})).toBe(true);
    expect(await asks({ floor })).toBe(false);
    expect(await asks({ defaults: modes({ enforce: "restricted" }) })).toBe(false);
  });

  it("is judged again when the namespace comes, and reported where it would have been answered otherwise", async () => {
    const told = new Promise<[boolean, boolean]>((resolve) => {
      const { view, ask } = gate({ curableHold: short }, withoutShop, {
        lateVerdict: (_, given, now) => resolve([given.allowed, now.allowed]),
      });
      void ask(policy("twice", { podSelector: {}, policyTypes: ["Ingress", "Ingress"] })).then(() =>
        deliver(view, shop),
      );
    });
    expect(await told).toEqual([true, false]);
  });
});

describe("a repair that another object may make needless", () => {
  it("waits for it", async () => {
    const { view, repair } = gate({ curableHold: 300 });
    const answer = repair(defaultDeny);
    await turn();
    deliver(view, allowDns);
    expect((await answer).patch).toBeUndefined();
  });

  it("is made when time is up", async () => {
    const verdict = await gate({ curableHold: short }).repair(defaultDeny);
    expect(verdict.patch).toHaveLength(2);
    expect(verdict.held).toBeGreaterThan(0);
  });

  it("is none for a Namespace", async () => {
    expect(await gate({}).repair(shop)).toMatchObject({ allowed: true, findings: [] });
  });
});
