import { once } from "node:events";
import { connect as connectPlain } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { describe, expect, test } from "vitest";
import { policyReview, responseOf, uid } from "./reviews.ts";
import { authority, open, post, serving, startWebhook, until } from "./webhook.ts";

describe("R62: TLS", () => {
  test.each(["TLSv1.2", "TLSv1.3"] as const)("R62 %s is spoken, and only http/1.1", async (version) => {
    await using webhook = await startWebhook();
    const options = { minVersion: version, maxVersion: version, ALPNProtocols: ["h2", "http/1.1"] };
    const socket = await open(webhook, options);
    expect(socket.getProtocol()).toBe(version);
    expect(socket.alpnProtocol).toBe("http/1.1");
    expect(socket.authorized).toBe(true);
    socket.destroy();
    await expect(open(webhook, { ...options, ALPNProtocols: ["h2"] })).rejects.toThrow();
  });

  const old = { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;

  test("R62 TLS 1.1 is refused (and the client that tries it is able to speak it)", async () => {
    await using webhook = await startWebhook();
    await expect(open(webhook, old)).rejects.toThrow();
    const lax = createTlsServer({ ...serving, ...old, maxVersion: "TLSv1.3" });
    lax.listen(0, "127.0.0.1");
    await once(lax, "listening");
    const address = lax.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const socket = await open({ ...webhook, port }, old);
    expect(socket.getProtocol()).toBe("TLSv1.1");
    socket.destroy();
    lax.close();
  });

  test("R62 a client that speaks plain HTTP gets no answer", async () => {
    await using webhook = await startWebhook();
    const socket = connectPlain(webhook.port, "127.0.0.1");
    socket.on("error", () => undefined);
    let received = "";
    socket.on("data", (chunk: Buffer) => (received += chunk.toString("latin1")));
    socket.write("GET /validate HTTP/1.1\r\nhost: x\r\n\r\n");
    await once(socket, "close");
    expect(received).not.toContain("HTTP/");
    expect(responseOf(await post(webhook, policyReview())).allowed).toBe(true);
  });

  test("R76 the chain is verified against the authority alone", async () => {
    await using webhook = await startWebhook();
    await expect(open(webhook, { ca: [] })).rejects.toThrow();
    expect(authority).toContain("BEGIN CERTIFICATE");
  });
});

test("R63 fifty connections dropped before TLS is up leave at most one line, below warning", async () => {
  await using webhook = await startWebhook();
  for (let probe = 0; probe < 50; probe++) {
    const socket = connectPlain(webhook.port, "127.0.0.1");
    await once(socket, "connect");
    if (probe % 2 === 0) socket.write("\u0016\u0003\u0001 no hello");
    socket.destroy();
  }
  await until("one of them is told", () => webhook.lines().length > 0);
  expect(responseOf(await post(webhook, policyReview())).allowed).toBe(true);
  const lines = webhook.lines().filter((line) => line["msg"] !== "admission");
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({ level: "debug", msg: "tls handshake failed" });
});

describe("R65: whoever asks", () => {
  test("R65 errors and unknown paths are answered with static texts, without a trace of the cluster or of us", async () => {
    await using webhook = await startWebhook();
    for (const path of ["/", "/version", "/api/v1/pods"]) {
      expect((await post(webhook, "", { path, method: "GET" })).text).toBe("not found\n");
    }
    const { text, headers } = await post(webhook, '{"kind":"shop-secret"}');
    expect(text).not.toContain("shop-secret");
    expect(headers["server"]).toBeUndefined();
    expect(headers["x-powered-by"]).toBeUndefined();
  });

  test("R65 no client certificate is asked for, and userInfo is not taken for the caller", async () => {
    await using webhook = await startWebhook();
    const answer = await post(
      webhook,
      policyReview({ userInfo: { username: "system:admin", groups: ["system:masters"] } }),
    );
    expect(responseOf(answer)).toEqual({ uid, allowed: true });
  });
});
