import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { ByteRing, type RingPlace } from "#src/view/byte-ring.ts";

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

test("what is larger than the ring is not kept, and nothing is lost for it", () => {
  const ring = new ByteRing(4);
  const whole = placed(ring, Buffer.from("abcd"));
  expect(ring.put(Buffer.from("abcde"))).toBeUndefined();
  expect(text(ring, whole)).toBe("abcd");
});

test.prop([fc.integer({ min: 1, max: 40 }), fc.array(fc.uint8Array({ maxLength: 45 }), { maxLength: 30 })])(
  "what is read is what was put, and the newest that fit into half the ring are there",
  (size, items) => {
    const ring = new ByteRing(size);
    const kept = items.map((bytes) => ({ bytes, place: ring.put(bytes) }));
    let newer = 0;
    for (const { bytes, place } of kept.reverse()) {
      expect(place === undefined).toBe(bytes.length > size);
      if (place === undefined) continue;
      const read = ring.get(place);
      if (read !== undefined) expect([...read]).toEqual([...bytes]);
      newer += bytes.length;
      if (newer <= size / 2) expect(read).toBeDefined();
    }
  },
);

function placed(ring: ByteRing, bytes: Uint8Array): RingPlace {
  const place = ring.put(bytes);
  if (place === undefined) throw new Error("does not fit");
  return place;
}

function text(ring: ByteRing, place: RingPlace): string | undefined {
  return ring.get(place)?.toString();
}
