import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { ByteRing } from "#src/view/byte-ring.ts";

test("bytes are copied, and kept until newer ones need their place", () => {
  const ring = new ByteRing(10);
  const mine = Buffer.from("abcd");
  const first = placed(ring, mine);
  mine.fill("x");
  expect(text(ring, first)).toBe("abcd");
  const second = placed(ring, Buffer.from("efgh"));
  expect(text(ring, first)).toBe("abcd");
  // Two are left at the end: what does not fit there begins at the start, where `abcd` was.
  const third = placed(ring, Buffer.from("ijk"));
  expect(text(ring, first)).toBeUndefined();
  expect(text(ring, second)).toBe("efgh");
  expect(text(ring, third)).toBe("ijk");
});

test("a text is kept as its UTF-8 before the bytes, both or neither", () => {
  const ring = new ByteRing(10);
  const at = ring.put("aüz", 4, Buffer.from("bytes")) ?? Number.NaN;
  expect(ring.get(at, 0, 4)?.toString()).toBe("aüz");
  expect(ring.get(at, 4, 5)?.toString()).toBe("bytes");
  expect(ring.put("x".repeat(8), 8, Buffer.alloc(3))).toBeUndefined();
  expect(ring.get(at, 0, 9)?.toString()).toBe("aüzbytes");
});

test("what begins with other bytes, or has been overwritten, is told from what is held", () => {
  const ring = new ByteRing(6);
  const at = ring.put("", 0, Buffer.from("abc")) ?? Number.NaN;
  for (const [bytes, held] of [
    ["", true],
    ["ab", true],
    ["abc", true],
    ["ac", false],
    ["b", false],
  ] as const) {
    expect([bytes, ring.startsWith(at, Buffer.from(bytes))]).toEqual([bytes, held]);
  }
  ring.put("", 0, Buffer.from("def"));
  expect(ring.startsWith(at, Buffer.from("abc"))).toBe(true);
  ring.put("", 0, Buffer.from("a"));
  expect(ring.startsWith(at, Buffer.from("a"))).toBe(false);
});

test("what is larger than the ring is not kept, and nothing is lost for it", () => {
  const ring = new ByteRing(4);
  const whole = placed(ring, Buffer.from("abcd"));
  expect(ring.put("", 0, Buffer.from("abcde"))).toBeUndefined();
  expect(text(ring, whole)).toBe("abcd");
});

test.prop([fc.integer({ min: 1, max: 40 }), fc.array(fc.uint8Array({ maxLength: 45 }), { maxLength: 30 })])(
  "what is read is what was put, and the newest that fit into half the ring are there",
  (size, items) => {
    const ring = new ByteRing(size);
    const kept = items.map((bytes) => ({ bytes, at: ring.put("", 0, bytes) }));
    let newer = 0;
    for (const { bytes, at } of kept.reverse()) {
      expect(at === undefined).toBe(bytes.length > size);
      if (at === undefined) continue;
      const read = ring.get(at, 0, bytes.length);
      if (read !== undefined) expect([...read]).toEqual([...bytes]);
      expect(ring.startsWith(at, bytes)).toBe(read !== undefined);
      newer += bytes.length;
      if (newer <= size / 2) expect(read).toBeDefined();
    }
  },
);

/** Where a text of ASCII was put, and its length. */
type Place = readonly [at: number, from: number, length: number];

function placed(ring: ByteRing, bytes: Uint8Array): Place {
  const at = ring.put("", 0, bytes);
  if (at === undefined) throw new Error("does not fit");
  return [at, 0, bytes.length];
}

function text(ring: ByteRing, place: Place): string | undefined {
  return ring.get(...place)?.toString();
}
