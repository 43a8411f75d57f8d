import { describe, expect, test } from "vitest";
import { Interner } from "#src/network/interner.ts";
import { translated, translatedPorts } from "#src/network/service-ports.ts";
import { serviceFacts } from "#src/network/services.ts";
import type { Service } from "#src/wire/service.ts";

const interner = new Interner();
const service = (...ports: NonNullable<NonNullable<Service["spec"]>["ports"]>) =>
  serviceFacts({ metadata: { name: "web" }, spec: { selector: { app: "web" }, ports } }, interner);
const http = [{ name: "http", protocol: "TCP", port: 8080 }];

describe("where a Service sends a port", () => {
  test("to another port of the pods, by number or by name", () => {
    const byNumber = { services: [service({ port: 80, targetPort: 8080 })], namedPorts: [] };
    expect(translated(byNumber, "TCP", 80)?.target).toBe(8080);
    const byName = { services: [service({ port: 80, targetPort: "http" })], namedPorts: http };
    expect(translated(byName, "TCP", 80)?.target).toBe(8080);
  });

  test.each([
    ["no Service has that port", [service({ port: 81, targetPort: 8080 })]],
    ["it is of another protocol", [service({ port: 80, protocol: "UDP", targetPort: 8080 })]],
    ["it stays what it is", [service({ port: 80 })]],
    [
      "another Service sends there",
      [service({ port: 80, targetPort: 8080 }), service({ port: 81, targetPort: 80 })],
    ],
    [
      "the same Service sends there as well",
      [service({ port: 80, targetPort: 8080 }, { port: 81, targetPort: 80 })],
    ],
    ["the name of the target is declared by no pod", [service({ port: 80, targetPort: "web" })]],
  ])("nowhere: %s", (_, services) => {
    expect(translated({ services, namedPorts: http }, "TCP", 80)).toBeUndefined();
  });

  test("nowhere where the pods declare a port of that number", () => {
    const services = [service({ port: 80, targetPort: 8080 })];
    const plain = { name: "plain", protocol: "TCP", port: 80 };
    expect(translated({ services, namedPorts: [plain] }, "TCP", 80)).toBeUndefined();
    expect(translated({ services, namedPorts: [{ ...plain, protocol: "UDP" }] }, "TCP", 80)?.target).toBe(
      8080,
    );
  });

  test("a name cannot be looked up on pods that are not there yet", () => {
    expect(
      translated({ services: [service({ port: 80, targetPort: "http" })], namedPorts: undefined }, "TCP", 80),
    ).toBeUndefined();
    expect(
      translated({ services: [service({ port: 80, targetPort: 8080 })], namedPorts: undefined }, "TCP", 80)
        ?.target,
    ).toBe(8080);
  });
});

test("the ports that are sent to others", () => {
  const services = [
    service({ port: 80, targetPort: 8080 }, { port: 443 }),
    service({ port: 53, targetPort: "dns" }),
  ];
  expect([...translatedPorts(services)]).toEqual([80, 53]);
});
