import { expect, it } from "vitest";
import { patched } from "#src/engine/patched.ts";

const object = { spec: { egress: [{ to: [] as unknown[], ports: [{ port: 53 }] }] } };
const first = "/spec/egress/0";

it("changes a copy", () => {
  const rule = { ports: [{ port: 80 }] };
  const after = patched(object, [
    { op: "test", path: `${first}/ports/0`, value: { port: 53 } },
    { op: "add", path: "/spec/egress/-", value: rule },
    { op: "test", path: "/spec/egress/1", value: rule },
  ]);
  expect(after?.spec.egress).toEqual([...object.spec.egress, rule]);
  expect(object.spec.egress).toHaveLength(1);
});

it("refuses what does not stand there", () => {
  expect(() => patched(object, [{ op: "test", path: first, value: {} }])).toThrow("spec/egress/0");
  expect(() => patched(object, [{ op: "add", path: "/spec/ingress/-", value: {} }])).toThrow();
});

it.each(["hasOwnProperty", "__proto__", "constructor", "toString"])(
  "takes the label %s for one like any other",
  (key) => {
    const selector = JSON.parse(`{"matchLabels":{${JSON.stringify(key)}:"x"}}`) as object;
    const labelled = { spec: { to: [{ podSelector: selector }] } };
    const after = patched(labelled, [
      { op: "test", path: "/spec/to/0", value: { podSelector: selector } },
      { op: "add", path: "/spec/to/-", value: {} },
    ]);
    expect(JSON.stringify(after)).toBe(JSON.stringify({ spec: { to: [{ podSelector: selector }, {}] } }));
    const other = JSON.parse(`{"matchLabels":{${JSON.stringify(key)}:"y"}}`) as object;
    expect(() => patched(labelled, [{ op: "test", path: "/spec/to/0/podSelector", value: other }])).toThrow();
  },
);

it("gives nothing for what is nested deeper than the stack", () => {
  const deep = JSON.parse(`{"x":${"[".repeat(100_000)}${"]".repeat(100_000)}}`) as object;
  expect(patched(deep, [{ op: "add", path: "/y", value: 1 }])).toBeUndefined();
});
