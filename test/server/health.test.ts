import { describe, expect, test } from "vitest";
import { buildHealthServer, type Check } from "#src/server/health.ts";
import { listen } from "#src/server/listen.ts";
import { createMetrics } from "#src/telemetry/metrics.ts";

interface Health {
  get(path: string, method?: string): Promise<{ status: number; text: string; headers: Headers }>;
  [Symbol.asyncDispose](): Promise<void>;
}

async function startHealth(
  checks: readonly Check[],
  states: readonly [string, string][] = [],
): Promise<Health> {
  const metrics = createMetrics({
    version: "1.2.3",
    inFlight: () => 7,
    enforcement: () => "warn",
    cniVerdict: () => "unknown",
    unreadableModes: () => 0,
    unmodelled: () => [],
    reflectors: () => [{ kind: "pods", synced: true, staleSeconds: 3 }],
    leads: () => false,
    companions: () => ({}),
    certificateExpiry: () => new Date(1_800_000_000_000),
  });
  const server = buildHealthServer({ checks, states: () => states, metrics });
  const port = await listen(server, { host: "127.0.0.1", port: 0 });
  return {
    get: async (path, method = "GET") => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, redirect: "manual" });
      return { status: response.status, text: await response.text(), headers: response.headers };
    },
    [Symbol.asyncDispose]: () => {
      server.close();
      server.closeAllConnections();
      return Promise.resolve();
    },
  };
}

const good: Check = { name: "certificate", failure: () => undefined };
const bad: Check = { name: "networkpolicies", failure: () => "not synced yet" };

describe("health", () => {
  test("ready only when every check holds; each check is asked anew", async () => {
    let synced = false;
    await using health = await startHealth([
      good,
      { name: "sync", failure: () => (synced ? undefined : "no") },
    ]);
    expect((await health.get("/readyz")).status).toBe(503);
    synced = true;
    expect(await health.get("/readyz")).toMatchObject({ status: 200, text: "ok\n" });
  });

  test("?verbose lists every check and the states, one line each", async () => {
    await using health = await startHealth(
      [good, bad],
      [
        ["enforcement", "warn"],
        ["configuration error", "a:1:1\nb:2:2"],
      ],
    );
    const { status, text } = await health.get("/readyz?verbose");
    expect(status).toBe(503);
    expect(text.split("\n")).toEqual([
      "[+]certificate ok",
      "[-]networkpolicies failed: not synced yet",
      "enforcement: warn",
      "configuration error: a:1:1; b:2:2",
      "readyz check failed",
      "",
    ]);
  });

  test("R51 alive is who can answer, whatever the checks say", async () => {
    await using health = await startHealth([bad]);
    for (const path of ["/livez", "/healthz", "/livez?x=1"])
      expect((await health.get(path)).status).toBe(200);
  });

  test("R60 /metrics exports the event loop's lag, and what else is asked of the server's state", async () => {
    await using health = await startHealth([good]);
    const { text, headers } = await health.get("/metrics");
    expect(headers.get("content-type")).toMatch(/^text\/plain; version=/);
    for (const line of [
      /^ringfence_event_loop_lag_seconds\{quantile="0.99"\} \d/m,
      /^ringfence_build_info\{version="1\.2\.3",node_version="v\d+[^"]*"\} 1$/m,
      /^ringfence_enforcement\{state="warn"\} 1$/m,
      /^ringfence_enforcement\{state="on"\} 0$/m,
      /^ringfence_admission_in_flight 7$/m,
      /^ringfence_reflector_synced\{kind="pods"\} 1$/m,
      /^ringfence_reflector_staleness_seconds\{kind="pods"\} 3$/m,
      /^ringfence_certificate_expiration_timestamp_seconds 1800000000$/m,
      /^process_cpu_seconds_total \d/m,
    ]) {
      expect(text).toMatch(line);
    }
  });

  test("unknown paths and methods", async () => {
    await using health = await startHealth([good]);
    expect((await health.get("/validate")).status).toBe(404);
    expect((await health.get("/metrics", "POST")).status).toBe(405);
    expect(await health.get("/livez", "HEAD")).toMatchObject({ status: 200, text: "" });
  });
});
