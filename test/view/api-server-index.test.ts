import { describe, expect, test } from "vitest";
import { endpointTexts } from "#src/network/api-server.ts";
import { configuredApiServer } from "#src/view/configured-api-server.ts";
import type { LiveView } from "#src/view/live-view.ts";
import { apiServer, deliver, knownView } from "./support.ts";

describe("where the API server is", () => {
  const addresses = (view: LiveView) => endpointTexts(view.apiServer?.endpoints ?? []).ranges;

  test("is what its own Service stands for, and follows it", () => {
    const view = knownView(apiServer());
    expect(addresses(view)).toEqual(["192.168.7.10/32"]);
    deliver(view, apiServer("192.168.7.11"));
    expect(addresses(view)).toEqual(["192.168.7.11/32"]);
    deliver(view, { "endpointslices/default": [] });
    expect(view.apiServer).toBeUndefined();
  });

  test("is where configuration says it, if it says so", () => {
    const section = { addresses: ["10.0.0.1", "nowhere"], ports: [443] };
    const view = knownView(apiServer(), { apiServer: () => configuredApiServer(section) });
    expect(addresses(view)).toEqual(["10.0.0.1/32"]);
  });
});
