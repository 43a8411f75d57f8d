import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { jsonLines } from "#src/kubernetes/json-lines.ts";

async function* parts(...buffers: Buffer[]): AsyncGenerator<Buffer> {
  await Promise.resolve();
  yield* buffers;
}

async function all(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const values = [];
  for await (const value of stream) values.push(value);
  return values;
}

test.prop([fc.array(fc.jsonValue()), fc.array(fc.nat({ max: 200 }))])(
  "gives the values of all lines, wherever the stream is cut into parts",
  async (values, cuts) => {
    const bytes = Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join(""));
    const places = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
    const buffers = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
    const expected: unknown = JSON.parse(JSON.stringify(values));
    expect(await all(jsonLines(parts(...buffers)))).toEqual(expected);
  },
);

test("a stream that ends within a line is an error", async () => {
  await expect(all(jsonLines(parts(Buffer.from('{"a":1}\n{"b"'))))).rejects.toThrow("within an event");
});

test("a line that is no JSON is an error", async () => {
  await expect(all(jsonLines(parts(Buffer.from("oops\n"))))).rejects.toThrow(SyntaxError);
});
