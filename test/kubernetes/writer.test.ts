import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { ApiError } from "#src/kubernetes/api-error.ts";
import type { Connection } from "#src/kubernetes/connection.ts";
import { createWriter, type KubernetesWriter } from "#src/kubernetes/writer.ts";

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** A server that keeps what it is sent, and a writer to it. */
async function serve(
  answer: (response: ServerResponse, seen: Seen) => void,
  connection: Partial<Connection> = {},
): Promise<{ writer: KubernetesWriter; seen: readonly Seen[]; server: Server }> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const { method, url, headers } = request;
      const whole = { method, url, headers, body: Buffer.concat(parts).toString("utf8") };
      seen.push(whole);
      answer(response, whole);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const writer = createWriter(
    {
      server: new URL(`http://127.0.0.1:${port}/behind/`),
      credentials: () => Promise.resolve({ headers: {}, options: {} }),
      ...connection,
    },
    { answerTimeout: 500 },
  );
  onTestFinished(() => {
    writer.close();
    server.closeAllConnections();
    server.close();
  });
  return { writer, seen, server };
}

const never = new AbortController().signal;
const echo = (response: ServerResponse): void => void response.writeHead(201).end('{"kind":"Lease"}');

test("method, path, query, content type and body are sent as given", async () => {
  const { writer, seen } = await serve(echo);
  const query = { fieldManager: "ringfence", force: "true" };
  const body = { spec: { text: "ü" } };
  const answer = await writer.send(
    { method: "PATCH", path: "/apis/x", query, body, contentType: "application/apply-patch+yaml" },
    never,
  );
  expect(answer).toEqual({ kind: "Lease" });
  const [first] = seen;
  expect(first).toMatchObject({
    method: "PATCH",
    url: "/behind/apis/x?fieldManager=ringfence&force=true",
    body: JSON.stringify(body),
  });
  expect(first?.headers["content-type"]).toBe("application/apply-patch+yaml");
});

test("a DELETE with a body says its length, one without sends none", async () => {
  const { writer, seen } = await serve(echo);
  await writer.send({ method: "DELETE", path: "/a", body: { preconditions: { uid: "u" } } }, never);
  await writer.send({ method: "DELETE", path: "/a" }, never);
  expect(seen.map(({ body }) => body)).toEqual(['{"preconditions":{"uid":"u"}}', ""]);
  expect(seen[0]?.headers["content-type"]).toBe("application/json");
  expect(seen[1]?.headers["content-type"]).toBeUndefined();
});

test("credentials are asked for each time", async () => {
  let turn = 0;
  const credentials: Connection["credentials"] = () => {
    turn += 1;
    return Promise.resolve({ headers: { authorization: `Bearer ${turn}` }, options: {} });
  };
  const { writer, seen } = await serve(echo, { credentials });
  await writer.send({ method: "POST", path: "/a", body: {} }, never);
  await writer.send({ method: "POST", path: "/a", body: {} }, never);
  expect(seen.map(({ headers }) => headers.authorization)).toEqual(["Bearer 1", "Bearer 2"]);
});

test("an answer that is no success is an ApiError with its Retry-After", async () => {
  const { writer } = await serve((response) => {
    response.writeHead(429, { "retry-after": "3" }).end('{"message":"too many","code":429}');
  });
  const failure = writer.send({ method: "PUT", path: "/a", body: {} }, never);
  await expect(failure).rejects.toBeInstanceOf(ApiError);
  await expect(failure).rejects.toMatchObject({ status: 429, retryAfter: 3000 });
});

test("a server that keeps silent is not waited for beyond the timeout", async () => {
  const { writer } = await serve(() => undefined);
  await expect(writer.send({ method: "PUT", path: "/a", body: {} }, never)).rejects.toThrow(
    "silent for 500 ms",
  );
});

test.each(["before the answer", "within the answer"])("an abort %s rejects with its reason", async (when) => {
  const controller = new AbortController();
  const { writer } = await serve((response) => {
    if (when === "within the answer") response.writeHead(200).write('{"half":');
    setImmediate(() => controller.abort(new Error("lost the lease")));
  });
  const failure = writer.send({ method: "PUT", path: "/a", body: {} }, controller.signal);
  await expect(failure).rejects.toThrow("lost the lease");
});

test("what is thrown before the sending ends the request unsent, on a new connection and on a kept one", async () => {
  const { writer, seen } = await serve(echo);
  const beforeSending = (): void => {
    throw new Error("not the leader any more");
  };
  const refused = { method: "PUT", path: "/refused", body: {}, beforeSending } as const;
  await expect(writer.send(refused, never)).rejects.toThrow("not the leader any more");
  await writer.send({ method: "PUT", path: "/sent", body: {} }, never);
  await expect(writer.send(refused, never)).rejects.toThrow("not the leader any more");
  await writer.send({ method: "PUT", path: "/sent", body: {}, beforeSending: () => undefined }, never);
  expect(seen.map(({ url }) => url)).toEqual(["/behind/sent", "/behind/sent"]);
});
