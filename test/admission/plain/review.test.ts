import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readPlainRequest } from "#src/admission/plain/review.ts";
import { policyFault } from "#src/admission/shape.ts";
import { policyNamed } from "../../engine/arbitraries.ts";
import { namespaceReview, policy, policyReview } from "../../server/reviews.ts";
import { knownOfReview } from "./known.ts";

const read = (text: string): unknown => readPlainRequest(Buffer.from(text));

/** Texts that Go escapes, that need more than a byte, or that look like the end of something. */
const text = fc.oneof(
  fc.constantFrom(
    "",
    "a",
    'a"b',
    "a\\",
    "für",
    "日本",
    "😀",
    "<&>",
    "\u0000",
    "\u007f",
    "\n",
    "}",
    "],",
    "constructor",
  ),
  fc.string({ unit: "binary", maxLength: 20 }),
);
/** No keys with escapes: JSON.parse of V8 13.6 takes one for the key that stood in its place in the text before. */
const key = text.filter((each) => JSON.stringify(each) === `"${each}"` && !/^(__proto__|\d)/.test(each));
const labelKey = fc.oneof(
  key,
  fc.constantFrom(
    "app.kubernetes.io/managed-by",
    "waive.ringfence.dev/x",
    "ringfence.dev/",
    "xringfence.dev/x",
  ),
);
const labels = fc.dictionary(labelKey, text, { maxKeys: 4 });
/** Without fractions and signs: no field of a policy has one, so they are left to JSON.parse. */
const anything = fc.anything({
  maxDepth: 4,
  values: [text, fc.nat({ max: 999_999_999 }), fc.boolean(), fc.constant(null)],
});

const metadata = fc.record(
  {
    labels,
    annotations: labels,
    uid: text,
    finalizers: fc.array(text, { maxLength: 3 }),
    ownerReferences: fc.array(
      fc.record({
        apiVersion: text,
        kind: text,
        name: text,
        uid: text,
        controller: fc.boolean(),
        x: anything,
      }),
      { maxLength: 2 },
    ),
    managedFields: anything,
    deletionTimestamp: text,
  },
  { requiredKeys: [] },
);

const policies = fc
  .tuple(policyNamed("api"), metadata)
  .map(([object, more]) => ({ ...object, metadata: { ...object.metadata, ...more }, status: {} }));

const reviews = fc
  .record({
    object: fc.option(policies),
    oldObject: fc.option(policies),
    operation: fc.constantFrom("CREATE", "UPDATE", "DELETE"),
    dryRun: fc.boolean(),
    userInfo: fc.record({ username: text, groups: fc.array(text), extra: fc.constant({ a: ["b"] }) }),
  })
  .map((request) => policyReview(request))
  .map((review) => JSON.stringify(review));

describe("reviews of policies, read without JSON.parse", () => {
  test("are read as JSON.parse reads them, key by key, but for the fields that nobody wants", () => {
    fc.assert(
      fc.property(reviews, (review) => {
        const request = read(`${review}\n`);
        expect(JSON.stringify(request)).toBe(JSON.stringify(knownOfReview(review)));
      }),
      { numRuns: 500 },
    );
  });

  /** One edit: some characters at a place replaced by others. */
  const edits = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    remove: fc.nat({ max: 3 }),
    insert: fc.oneof(
      fc.constantFrom(
        "",
        " ",
        ",",
        ":",
        '"',
        "{",
        "}",
        "[",
        "]",
        "\\",
        "0",
        "1",
        "-",
        ".",
        "e",
        "null",
        "true",
        "\t",
      ),
      fc.constantFrom(
        '"uid":"x",',
        '"spec":{},',
        '"\\u0073pec":1,',
        '"x":[],',
        '"__proto__":"a",',
        "\\u00",
        "é",
        "9".repeat(10),
      ),
      fc.string({ maxLength: 3 }),
    ),
  });

  test("what is broken or changed anywhere is read as JSON.parse reads it, or not at all", () => {
    let readAgain = 0;
    fc.assert(
      fc.property(reviews, fc.array(edits, { minLength: 1, maxLength: 2 }), (review, changes) => {
        let changed = review;
        for (const { at, remove, insert } of changes) {
          const place = Math.floor(at * changed.length);
          changed = changed.slice(0, place) + insert + changed.slice(place + remove);
        }
        const bytes = Buffer.from(changed);
        const request = readPlainRequest(bytes);
        if (request === undefined) return;
        readAgain++;
        expect(JSON.stringify(request)).toBe(JSON.stringify(knownOfReview(bytes.toString("utf8"))));
        // As it was sent: what is passed over has its shape as well.
        const sent = (JSON.parse(bytes.toString("utf8")) as { request: Record<string, unknown> }).request;
        for (const object of [sent["object"], sent["oldObject"]]) {
          if (object !== null && object !== undefined) expect(policyFault(object)).toBeUndefined();
        }
      }),
      { numRuns: 5_000 },
    );
    // Most edits break it: of a hundred some two are read again.
    expect(readAgain).toBeGreaterThan(20);
  });

  test.each([
    ["name", [0xff]],
    ["namespace", [0xed, 0xa0, 0x80]],
    ["uid", [0xc3]],
  ])("bytes that are no UTF-8 in request.%s are what JSON.parse makes of them", (field, bytes) => {
    const [before = "", after = ""] = JSON.stringify(policyReview({ [field]: "twelve-or-moreHERE" })).split(
      "HERE",
    );
    const body = Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)]);
    expect(readPlainRequest(body)).toEqual(knownOfReview(body.toString("utf8")));
  });

  test("bytes that are no UTF-8 are what JSON.parse makes of them", () => {
    const [before = "", after = ""] = JSON.stringify(
      policyReview({
        object: policy("api", { metadata: { name: "api", annotations: { "ringfence.dev/a": "HERE" } } }),
      }),
    ).split("HERE");
    for (const bytes of [
      [0xff],
      [0xe2, 0x82],
      [0xc3],
      [0x80, 0x61],
      [0xed, 0xa0, 0x80],
      [0xf0, 0x9f, 0x98],
    ]) {
      const body = Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)]);
      expect(readPlainRequest(body)).toEqual(knownOfReview(body.toString("utf8")));
    }
  });
});

describe("an annotation that nobody reads", () => {
  const withText = (text: string): string =>
    JSON.stringify(
      policyReview({ object: policy("api", { metadata: { name: "api", annotations: { a: "HERE" } } }) }),
    ).replace("HERE", text);

  test.each(['\\"', "\\\\", "\\/", "\\b\\f\\n\\r\\t", "\\u00e9\\u00E9", "\\ud800", "\u007f", "日本"])(
    "is passed over with %s in it",
    (text) => {
      const review = withText(text);
      expect(read(review)).toEqual(knownOfReview(review));
    },
  );

  test.each(["5", "null", "{}", '["a"]'])("leaves the review to JSON.parse where it is %s", (value) => {
    expect(read(withText("").replace('"a":""', `"a":${value}`))).toBeUndefined();
  });

  test.each(["\\", "\\x", "\\u12g4", "\\u123", "\\u{61}", "\n", "\t", "\u0000"])(
    "makes the review no JSON with %j in it",
    (text) => {
      const review = withText(text);
      expect(() => JSON.parse(review) as unknown).toThrow();
      expect(read(review)).toBeUndefined();
    },
  );

  test("may have escapes without end, as what kubectl applied last", () => {
    const review = withText(JSON.stringify('"x"'.repeat(10_000)).slice(1, -1));
    expect(read(review)).toEqual(knownOfReview(review));
  });
});

describe("left to JSON.parse", () => {
  const good = JSON.stringify(policyReview());
  const spec = '"spec":{"podSelector":{},"policyTypes":["Egress"]}';

  test("what these cases change is read", () => {
    expect(read(good)).toBeDefined();
    expect(good).toContain(spec);
  });

  test.each<[string, string]>([
    ["white space", JSON.stringify(policyReview(), null, 1)],
    ["a byte order mark", `\ufeff${good}`],
    ["what follows the end", `${good}\n{}`],
    ["a null where a value is expected", good.replace(spec, '"spec":null')],
    ["a field of the spec that is not known", good.replace(spec, '"spec":{"podSelector":{},"x":1}')],
    ["a rule with a field that is not known", good.replace(spec, '"spec":{"egress":[{"x":1}]}')],
    ["an address range without a cidr", good.replace(spec, '"spec":{"egress":[{"to":[{"ipBlock":{}}]}]}')],
    ["a port that is a fraction", good.replace(spec, '"spec":{"egress":[{"ports":[{"port":5.3}]}]}')],
    ["a port that is negative", good.replace(spec, '"spec":{"egress":[{"ports":[{"port":-1}]}]}')],
    ["a port with a leading zero", good.replace(spec, '"spec":{"egress":[{"ports":[{"port":053}]}]}')],
    ["a label key __proto__", good.replace(spec, '"spec":{"podSelector":{"matchLabels":{"__proto__":"a"}}}')],
    [
      "a label key that may be an index",
      good.replace(spec, '"spec":{"podSelector":{"matchLabels":{"1":"a"}}}'),
    ],
    [
      "a list of more than 200 000",
      good.replace(spec, `"spec":{"policyTypes":["a"${',"a"'.repeat(200_000)}]}`),
    ],
    [
      "more than a hundred texts with escapes",
      good.replace(spec, `"spec":{"policyTypes":["a"${',"\\n"'.repeat(101)}]}`),
    ],
    ["a key with an escape", good.replace('"spec"', '"\\u0073pec"')],
    ["a comma before an end", good.replace(spec, `${spec},`)],
    ["a review of another kind", good.replace('"AdmissionReview"', '"ConversionReview"')],
    ["a review without a kind", good.replace('"kind":"AdmissionReview",', "")],
    ["a subresource", JSON.stringify(policyReview({ subResource: "status" }))],
    ["a Namespace", JSON.stringify(namespaceReview())],
    [
      "65 levels in what is passed over",
      good.replace(spec, `${spec},"status":${"[".repeat(66)}${"]".repeat(66)}`),
    ],
  ])("%s", (_what, changed) => {
    expect(changed).not.toBe(good);
    expect(read(changed)).toBeUndefined();
  });
});
