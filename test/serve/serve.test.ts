import { rename, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { Agent } from "node:https";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { makeDevelopmentCertificates } from "../../scripts/support/certificates.ts";
import { policyReview } from "../server/reviews.ts";
import { open, post, readToEnd, sampleOf, until } from "../server/webhook.ts";
import { configuration, startServe, type Served } from "./process.ts";

async function get(served: Served, path: string): Promise<{ status: number; text: string }> {
  const response = await fetch(`http://127.0.0.1:${served.healthPort}${path}`);
  return { status: response.status, text: await response.text() };
}

async function replace(served: Served, name: string, text: string): Promise<void> {
  const file = join(served.directory, name);
  await writeFile(`${file}.next`, text);
  await rename(`${file}.next`, file);
}

describe("a replica whose view is not complete", () => {
  test("R50 is alive, not ready, and gives no verdict: the call fails and failurePolicy decides", async () => {
    await using served = await startServe();
    expect((await get(served, "/livez")).status).toBe(200);
    const ready = await get(served, "/readyz?verbose");
    expect(ready.status).toBe(503);
    expect(ready.text).toContain("[-]view failed: not listed yet");
    for (const path of ["/validate", "/mutate"]) {
      const answer = await post(served, policyReview(), { path });
      expect(answer.status).toBeGreaterThanOrEqual(500);
      expect(answer.headers["retry-after"]).toBeUndefined();
    }
  });
});

describe("a port that cannot be had", () => {
  test.each(["port", "health-port"])("ends it with exit code 2 and what to do: --%s", async (flag) => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    await expect(startServe([`--${flag}=${port}`])).rejects.toThrow(
      new RegExp(
        `exit code 2, [^]*cannot listen on 127\\.0\\.0\\.1:${port}: .*Choose another address or port`,
      ),
    );
    other.close();
  });
});

describe("R55 and R56 with a real signal", () => {
  test("R55 exits with 0 after SIGTERM although a client holds a connection that it has used", async () => {
    await using served = await startServe(["--shutdown-delay=200ms"]);
    const socket = await open(served);
    socket.write("GET /held HTTP/1.1\r\nhost: x\r\n\r\n");
    await once(socket, "data");
    const ended = readToEnd(socket);
    expect(await served.end("SIGTERM")).toBe(0);
    await ended;
    expect(served.lines().at(-1)).toMatchObject({ msg: "stopped" });
  });

  test("R56 listens and answers for the delay, not ready, each reply ending its connection", async () => {
    await using served = await startServe(["--shutdown-delay=2s"]);
    const exit = served.end("SIGTERM");
    await until("it drains", () => served.lines().some(({ msg }) => String(msg).startsWith("draining")));
    expect((await get(served, "/readyz?verbose")).text).toContain("[-]draining failed");
    expect((await get(served, "/livez")).status).toBe(200);
    const answer = await post(served, policyReview(), { path: "/unknown" });
    expect(answer).toMatchObject({ status: 404, headers: { connection: "close" } });
    expect(await exit).toBe(0);
  });
});

describe("a stderr that nobody reads", () => {
  test("is full: SIGTERM ends it with 0 all the same", { timeout: 60_000 }, async () => {
    await using served = await startServe(["--shutdown-delay=0s"]);
    onTestFinished(() => void served.child.kill("SIGKILL"));
    served.child.stderr?.pause();
    const agent = new Agent({ keepAlive: true, maxSockets: 20 });
    await Promise.all(Array.from({ length: 6_000 }, () => post(served, policyReview(), { agent })));
    agent.destroy();
    expect(await served.end("SIGTERM")).toBe(0);
  });

  test("is closed: SIGTERM ends it with 0 all the same", async () => {
    await using served = await startServe(["--shutdown-delay=0s"]);
    served.child.stderr?.destroy();
    expect(await served.end("SIGTERM")).toBe(0);
  });
});

describe("what changes without a restart", () => {
  test("a configuration that is good is taken over; one that is not is told and the last good one stays", async () => {
    await using served = await startServe();
    const count = async (result: string): Promise<number> =>
      sampleOf((await get(served, "/metrics")).text, "ringfence_config_reloads_total", { result });
    await replace(served, "config.yaml", `${configuration}enforcement: warn\n`);
    await until("it is taken over", async () => (await count("ok")) === 1);
    expect((await get(served, "/readyz?verbose")).text).toContain("enforcement: warn\n");
    await replace(served, "config.yaml", `${configuration}enforcement: perhaps\n`);
    await until("it is refused", async () => (await count("failed")) === 1);
    const { text } = await get(served, "/readyz?verbose");
    expect(text).toContain("enforcement: warn\n");
    expect(text).toMatch(/configuration error: .*config\.yaml:3:\d+: /);
    // The log is written behind the answers.
    await until("it is logged with its place in the file", () =>
      served
        .lines()
        .some(({ level, problem }) => level === "error" && String(problem).includes("config.yaml:3:")),
    );
    const metrics = (await get(served, "/metrics")).text;
    expect(sampleOf(metrics, "ringfence_config_last_reload_successful", {})).toBe(0);
    expect(sampleOf(metrics, "ringfence_enforcement", { state: "warn" })).toBe(1);
  });

  test("R70 a new certificate is served to new connections, those that stand go on", async () => {
    await using served = await startServe();
    const standing = await open(served);
    const { authority, serving } = await makeDevelopmentCertificates();
    await replace(served, "tls.crt", serving.certificatePem);
    await replace(served, "tls.key", serving.keyPem);
    await until("it is taken over", () => served.lines().some(({ msg }) => msg === "certificate taken over"));
    await expect(open(served)).rejects.toThrow();
    const fresh = await open(served, { ca: authority.certificatePem });
    standing.write("GET /x HTTP/1.1\r\nhost: x\r\n\r\n");
    const [answer] = (await once(standing, "data")) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 404 /);
    fresh.destroy();
    standing.destroy();
  });
});
