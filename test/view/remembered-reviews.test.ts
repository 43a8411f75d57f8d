import { fc, test } from "@fast-check/vitest";
import { beforeEach, expect } from "vitest";
import { RememberedReviews } from "#src/view/remembered-reviews.ts";

const memory = 100;
const limit = 5;
let now: number;
beforeEach(() => {
  now = 0;
});

const made = (byteLimit = 10_000): RememberedReviews =>
  new RememberedReviews({ now: () => now, memory, limit, byteLimit });

const text = (review: Buffer): string => review.toString();

test("a namespace whose name another one's begins with has reviews of its own", () => {
  const reviews = made();
  reviews.set("shop", "a", Buffer.from("1"));
  reviews.set("shop-2", "a", Buffer.from("2"));
  expect(reviews.read("shop", text)).toEqual(["1"]);
  reviews.delete("shop", "");
  reviews.delete("shop", "ab");
  expect(reviews.read("shop", text)).toEqual(["1"]);
});

test("a review that is too large takes away the earlier one of that name: that is no longer what was admitted", () => {
  const reviews = made(50);
  reviews.set("shop", "a", Buffer.from("1"));
  reviews.set("shop", "a", Buffer.alloc(51));
  expect(reviews.read("shop", text)).toEqual([]);
});

test("an earlier review of a name does not come back when the newer one is forgotten", () => {
  const reviews = made();
  reviews.set("shop", "a", Buffer.from("1"));
  now = 50;
  reviews.set("shop", "a", Buffer.from("2"));
  reviews.delete("shop", "a");
  expect(reviews.read("shop", text)).toEqual([]);
});

test("where the namespace ends and the name begins is not forgotten", () => {
  const reviews = made();
  reviews.set("a/b", "c", Buffer.from("1"));
  reviews.set("a", "b/c", Buffer.from("2"));
  reviews.set("ab", "c", Buffer.from("3"));
  reviews.delete("a", "bc");
  expect(["a/b", "a", "ab"].map((each) => reviews.read(each, text))).toEqual([["1"], ["2"], ["3"]]);
});

test("what has expired does not come back behind one that was deleted", () => {
  const reviews = made();
  reviews.set("shop", "a", Buffer.from("1"));
  reviews.set("shop", "b", Buffer.from("2"));
  reviews.delete("shop", "a");
  now += memory;
  expect(reviews.read("shop", text)).toEqual([]);
});

test("large reviews, the longest names, many bytes and a clock that has run for months are kept whole", () => {
  now = 2 ** 33 + 0.5;
  const reviews = made(200_000);
  const long = "n".repeat(253);
  const review = "r".repeat(70_000);
  for (let count = 0; count < 10; count++)
    reviews.set("s".repeat(63), long, Buffer.from(`${review}${count}`));
  now += memory - 0.25;
  expect(reviews.read("s".repeat(63), text)).toEqual([`${review}9`]);
  reviews.delete("s".repeat(63), `${long.slice(1)}x`);
  expect(reviews.read("s".repeat(63), text)).toHaveLength(1);
  now += 0.25;
  expect(reviews.read("s".repeat(63), text)).toEqual([]);
});

test("a review that is too large takes no other's place", () => {
  const reviews = made(50);
  reviews.set("shop", "a", Buffer.from("1"));
  for (let count = 0; count < 40; count++) reviews.set("shop", "b", Buffer.alloc(50));
  expect(reviews.read("shop", text)).toEqual(["1"]);
});

type Step =
  | { readonly kind: "set"; readonly namespace: string; readonly name: string; readonly review: string }
  | { readonly kind: "delete"; readonly namespace: string; readonly name: string }
  | { readonly kind: "wait"; readonly milliseconds: number };

const namespace = fc.constantFrom("a", "ab", "ü");
const name = fc.constantFrom("b", "bb", "ü/b");
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant("set" as const),
    namespace,
    name,
    review: fc.string({ unit: "binary", maxLength: 30 }),
  }),
  fc.record({ kind: fc.constant("delete" as const), namespace, name }),
  fc.record({ kind: fc.constant("wait" as const), milliseconds: fc.integer({ min: 1, max: memory }) }),
);
const steps = fc.array(step, { maxLength: 40 });

/** What should be remembered: the newest of each name, of the last `limit` ones, that are not too old. */
class Model {
  #entries: { key: string; namespace: string; review: string; until: number }[] = [];

  take(step: Step): void {
    if (step.kind === "wait") return;
    const key = `${step.namespace}/${step.name}`;
    if (step.kind === "delete") {
      for (const entry of this.#entries) if (entry.key === key) entry.until = 0;
    } else {
      const { namespace, review } = step;
      this.#entries = [...this.#entries, { key, namespace, review, until: now + memory }].slice(-limit);
    }
  }

  read(namespace: string): string[] {
    const newest = this.#entries.filter(
      ({ key }, index) => !this.#entries.slice(index + 1).some((later) => later.key === key),
    );
    return newest
      .filter((entry) => entry.namespace === namespace && entry.until > now)
      .map((entry) => entry.review);
  }
}

function play(
  reviews: RememberedReviews,
  model: Model,
  all: readonly Step[],
  compare: () => void,
  byteLimit = Infinity,
): void {
  now = 0;
  for (const each of all) {
    // What is larger than the whole ring takes no place from others, but what it would have stood for is gone.
    const kept = each.kind !== "set" || lengthOf(each) <= byteLimit;
    model.take(kept ? each : { ...each, kind: "delete" });
    if (each.kind === "set") reviews.set(each.namespace, each.name, Buffer.from(each.review));
    else if (each.kind === "delete") reviews.delete(each.namespace, each.name);
    else now += each.milliseconds;
    compare();
  }
}

function lengthOf({ namespace, name, review }: Step & { readonly kind: "set" }): number {
  return Buffer.byteLength(namespace + name) + Buffer.from(review).length;
}

test.prop([steps])("what is read is what a plain list would remember", (all) => {
  const reviews = made();
  const model = new Model();
  play(reviews, model, all, () => {
    for (const each of ["a", "ab", "ü"]) {
      expect(reviews.read(each, text)).toEqual(
        model.read(each).map((review) => Buffer.from(review).toString()),
      );
    }
  });
});

test.prop([steps, fc.integer({ min: 1, max: 80 })])(
  "few bytes make it forget more, never read another's",
  (all, byteLimit) => {
    const reviews = made(byteLimit);
    const model = new Model();
    const compare = (): void => {
      for (const each of ["a", "ab", "ü"]) {
        const right = model.read(each).map((review) => Buffer.from(review).toString());
        for (const review of reviews.read(each, text)) expect(right).toContain(review);
      }
    };
    play(reviews, model, all, compare, byteLimit);
  },
);
