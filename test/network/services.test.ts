import { expect, test } from "vitest";
import { Interner } from "#src/network/interner.ts";
import { serviceFacts } from "#src/network/services.ts";
import type { Service } from "#src/wire/service.ts";

const facts = (spec: Service["spec"]) =>
  serviceFacts({ metadata: { name: "web" }, ...(spec !== undefined && { spec }) }, new Interner());

test("a port that names no target goes to the port of its own number, and its protocol is TCP", () => {
  expect(
    facts({ ports: [{ port: 80 }, { name: "dns", protocol: "UDP", port: 53, targetPort: "dns" }] }).ports,
  ).toEqual([
    { name: "", protocol: "TCP", port: 80, targetPort: 80 },
    { name: "dns", protocol: "UDP", port: 53, targetPort: "dns" },
  ]);
  expect(facts({ ports: [{ port: 80, targetPort: 0 }] }).ports).toMatchObject([{ targetPort: 80 }]);
});

test("selects the pods that bear all of its labels, whatever their keys", () => {
  expect(facts({ selector: { tier: "front", app: "web" } }).selector?.text).toBe("app=web,tier=front");
  expect(facts({ selector: { constructor: "x" } }).selector?.text).toBe("constructor=x");
});

test.each<[string, Service["spec"]]>([
  ["no spec", undefined],
  ["no selector", {}],
  ["an empty selector, of which no endpoints are made", { selector: {} }],
  [
    "a name for something outside, whose selector is ignored",
    { type: "ExternalName", selector: { app: "web" } },
  ],
])("selects no pods: %s", (_, spec) => {
  expect(facts(spec)).toEqual({ name: "web", selector: undefined, ports: [] });
});

test("what Services have in common is kept once", () => {
  const interner = new Interner();
  const web = (name: string): Service => ({
    metadata: { name },
    spec: { selector: { app: "web" }, ports: [{ port: 80, targetPort: "http" }] },
  });
  const [a, b] = [serviceFacts(web("a"), interner), serviceFacts(web("b"), interner)];
  expect(a.ports).toBe(b.ports);
  expect(a.selector).toBe(b.selector);
});
