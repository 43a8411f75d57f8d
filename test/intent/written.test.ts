import { test as property } from "@fast-check/vitest";
import { expect, test } from "vitest";
import { readIntent } from "#src/intent/read.ts";
import { textOfIntent } from "#src/intent/written.ts";
import { intents, read, readText, written } from "./arbitraries.ts";

test.each([
  "{}",
  "denyAll: true",
  "denyAll: false",
  "{ denyAll: { ingress: true }, allowDNS: false }",
  "{ allowMonitoring: { to: { app: web }, ports: [metrics, 8000-8100/UDP] }, egressProxy: true }",
  "{ allowEgressToNamespaces: [data, { namespace: billing, pods: { app: api } }], allowEgressToCIDRs: [10.0.5.0/24] }",
  "{ tenant: example.com/customer, connections: [{ from: { app: web }, to: { namespace: data }, ports: [5432] }] }",
])("%s is read again as the same", (text) => {
  const intent = readIntent(text).value;
  if (intent === undefined) throw new Error(`not read: ${text}`);
  expect(readIntent(textOfIntent(intent)).value).toEqual(intent);
});

property.prop([intents])("whatever an intent says, its text says the same", (intent) => {
  const value = read(written(intent));
  expect(readText(textOfIntent(value))).toEqual(value);
});
