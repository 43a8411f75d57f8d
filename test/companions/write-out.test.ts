// Writes of which some fail: what stands at every moment, and what is told of it.
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { createFights } from "#src/companions/fights.ts";
import { createOwnWrites } from "#src/companions/own-writes.ts";
import { writeOut, type Done } from "#src/companions/write-out.ts";
import type { PolicyWriter, Written } from "#src/companions/writer.ts";
import type { NetworkPolicy } from "#src/wire/network-policy.ts";
import { ours } from "../intent/world.ts";
import {
  before,
  dueBy,
  plain,
  planFor,
  resolving,
  stateOf,
  texts,
  uid,
  wayOf,
  type State,
} from "./states.ts";

const facts = { name: "shop", uid, labels: new Map(), annotations: new Map(), terminating: false };
type Fate = "done" | "refused" | "moved" | "ended";
const failures: Readonly<Record<Exclude<Fate, "done">, Written>> = {
  refused: { result: "refused", text: "403: no", retryAfter: 0 },
  moved: { result: "moved" },
  ended: { result: "ended" },
};

interface Carried {
  readonly done: Done;
  /** What stood after each write. */
  readonly states: readonly State[];
  /** The fate of each write that was asked for. */
  readonly met: readonly Fate[];
}

/** Carries out the plan from this state, each write in its turn with such a fate. */
async function carriedOut(
  plan: ReturnType<typeof planFor>,
  from: State,
  fates: readonly Fate[],
): Promise<Carried> {
  const states: State[] = [from];
  const met: Fate[] = [];
  let version = 1;
  const meet = (act: (state: Map<string, NetworkPolicy>) => NetworkPolicy | undefined): Promise<Written> => {
    const fate = fates[met.length % fates.length] ?? "done";
    met.push(fate);
    if (fate !== "done") return Promise.resolve(failures[fate]);
    const state = new Map(states.at(-1));
    const policy = act(state);
    states.push(state);
    return Promise.resolve({ result: "done", policy });
  };
  const put = (policy: NetworkPolicy): Promise<Written> =>
    meet((state) => {
      version += 1;
      const stored = {
        ...policy,
        metadata: { ...policy.metadata, uid: "1", resourceVersion: String(version) },
      };
      state.set(policy.metadata.name ?? "", stored);
      return stored;
    });
  const writer: PolicyWriter = {
    create: put,
    apply: put,
    replace: put,
    remove: (_namespace, name) =>
      meet((state) => {
        state.delete(name);
        return undefined;
      }),
    read: () => Promise.resolve("unknown"),
  };
  const now = (): number => 0;
  const options = {
    writer,
    ownWrites: createOwnWrites(now),
    fights: createFights(now),
    wrote: () => undefined,
  };
  const done = await writeOut(options, facts, plan, new AbortController().signal);
  return { done, states, met };
}

const fates = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.constant<Fate>("done") },
    { weight: 1, arbitrary: fc.constantFrom<Fate>("refused", "moved", "ended") },
  ),
  { minLength: 1, maxLength: 10 },
);

describe("where writes fail", () => {
  test.prop([before(plain), fc.option(plain, { nil: undefined, freq: 6 }), fates], { numRuns: 200 })(
    "no pod is cut off from DNS that had it and is to have it, nothing is removed too early, and nothing is lost",
    async (was, intent, given) => {
      const from = stateOf(was);
      const plan = planFor(dueBy(intent), from);
      const { done, states, met } = await carriedOut(plan, from, given);
      const whole = wayOf(plan, from).at(-1) ?? from;
      const meant = ours.filter((pod) => resolving(from).has(pod) && resolving(whole).has(pod));
      for (const [step, state] of states.entries()) {
        expect([...resolving(state)], `step ${step}: ${texts(state).join(", ")}`).toEqual(
          expect.arrayContaining(meant),
        );
      }
      const wanted = plan.writes.map(({ wanted: { name } }) => name);
      if (done.removed.length > 0) expect([...done.written.keys()]).toEqual(wanted);
      if (!done.ended) expect([...done.written.keys(), ...done.unwritten].sort()).toEqual([...wanted].sort());
      expect(done.ended).toBe(met.includes("ended"));
      expect(done.moved).toBe(met.includes("moved"));
      expect(done.failed.size).toBe(met.filter((fate) => fate === "refused").length);
      // After the end of the namespace nothing is written.
      if (done.ended) expect(met.indexOf("ended")).toBe(met.length - 1);
      // What was left is done by the next plan.
      const end = states.at(-1) ?? from;
      const next = await carriedOut(planFor(dueBy(intent), end), end, ["done"]);
      expect(texts(next.states.at(-1) ?? end)).toEqual(texts(whole));
    },
  );
});
