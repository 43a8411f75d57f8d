// The order of writes and removals, whatever stood before and whenever it is broken off: held against the evaluator.
import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import type { NetworkPolicy } from "#src/wire/network-policy.ts";
import { intents } from "../intent/arbitraries.ts";
import { ours, surroundings } from "../intent/world.ts";
import {
  before,
  closing,
  dueBy,
  plain,
  planFor,
  resolving,
  stateOf,
  texts,
  wayOf,
  type State,
} from "./states.ts";

test.prop([before(plain), fc.option(plain, { nil: undefined, freq: 6 })], { numRuns: 200 })(
  "no state on the way cuts a pod off from DNS that had it before and has it afterwards",
  (was, intent) => {
    const way = wayOf(planFor(dueBy(intent), stateOf(was)), stateOf(was));
    const [first, last] = [way[0], way.at(-1)].map((state) => resolving(state ?? new Map()));
    const meant = ours.filter((pod) => first?.has(pod) === true && last?.has(pod) === true);
    for (const [step, state] of way.entries()) {
      expect([...resolving(state)], `step ${step}: ${texts(state).join(", ")}`).toEqual(
        expect.arrayContaining(meant),
      );
    }
  },
);

test.prop([before(intents), fc.option(intents, { nil: undefined, freq: 6 }), fc.nat()], { numRuns: 200 })(
  "what is done is not done again, and what is broken off comes to the same end",
  (was, intent, cut) => {
    const due = dueBy(intent);
    const way = wayOf(planFor(due, stateOf(was)), stateOf(was));
    const end = way.at(-1) ?? new Map<string, NetworkPolicy>();
    const again = planFor(due, end);
    expect([again.writes, again.removals]).toEqual([[], []]);
    const broken = way[cut % way.length] ?? end;
    const other = wayOf(planFor(due, broken), broken).at(-1) ?? broken;
    expect(texts(other)).toEqual(texts(end));
  },
);

test.prop([fc.option(plain, { nil: undefined, freq: 6 }), closing, fc.nat()], { numRuns: 150 })(
  "while nobody knows where the DNS is, none is taken away, and the way goes on from there when it is known again",
  (old, intent, cut) => {
    const built = wayOf(planFor(dueBy(old), new Map()), new Map());
    const stood = built[built.length - 1 - (cut % built.length)] ?? new Map<string, NetworkPolicy>();
    const unknown = dueBy(intent, { ...surroundings, dns: undefined });
    const way = wayOf(planFor(unknown, stood), stood);
    const before = [...resolving(stood)];
    for (const [step, state] of way.entries()) {
      expect([...resolving(state)], `step ${step}: ${texts(state).join(", ")}`).toEqual(
        expect.arrayContaining(before),
      );
    }
    const end = way.at(-1) ?? stood;
    const again = planFor(unknown, end);
    expect([again.writes, again.removals]).toEqual([[], []]);
    const known = (state: State): State => wayOf(planFor(dueBy(intent), state), state).at(-1) ?? state;
    expect(texts(known(end))).toEqual(texts(known(stood)));
  },
);
