import { expect, inject, onTestFinished, test } from "vitest";
import { createClient } from "#src/kubernetes/client.ts";
import type { Connection } from "#src/kubernetes/connection.ts";
import { applyPatch, createWriter, mergePatch, type KubernetesWriter } from "#src/kubernetes/writer.ts";
import { connect } from "../control-plane/connection.ts";
import { leases } from "../support/leases.ts";

const address = inject("controlPlane");
const { api } = connect(address);
const never = new AbortController().signal;

const connection: Connection = {
  server: new URL(address.server),
  credentials: () =>
    Promise.resolve({
      headers: { authorization: `Bearer ${address.tokens.admin}` },
      options: { ca: address.authorityPem },
    }),
};

function writerOf(settings = { answerTimeout: 5_000 }): KubernetesWriter {
  const writer = createWriter(connection, settings);
  onTestFinished(() => writer.close());
  return writer;
}

interface Stored {
  readonly metadata: { readonly name: string; readonly resourceVersion: string; readonly labels?: object };
}

test("objects are created, replaced, patched, applied and deleted, over TLS and with a last look", async () => {
  const { path } = await leases(api.admin);
  const writer = writerOf();
  const looks: string[] = [];
  const send = (request: Parameters<KubernetesWriter["send"]>[0]): Promise<unknown> =>
    writer.send({ ...request, beforeSending: () => looks.push(request.method) }, never);
  const lease = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name: "a" } };
  const created = (await send({ method: "POST", path, body: lease })) as Stored;
  const metadata = { ...created.metadata, labels: { step: "put" } };
  const put = (await send({ method: "PUT", path: `${path}/a`, body: { ...lease, metadata } })) as Stored;
  expect(put.metadata.labels).toEqual({ step: "put" });
  await expect(
    send({ method: "PUT", path: `${path}/a`, body: { ...lease, metadata } }),
  ).rejects.toMatchObject({
    status: 409,
  });
  const body = { metadata: { labels: { step: "merged" } } };
  await send({ method: "PATCH", path: `${path}/a`, body, contentType: mergePatch });
  const applied = (await send({
    method: "PATCH",
    path: `${path}/a`,
    query: { fieldManager: "ringfence", force: "true" },
    body: { ...lease, metadata: { name: "a", labels: { step: "applied" } } },
    contentType: applyPatch,
  })) as Stored;
  expect(applied.metadata.labels).toEqual({ step: "applied" });
  const stale = { preconditions: { resourceVersion: put.metadata.resourceVersion } };
  await expect(send({ method: "DELETE", path: `${path}/a`, body: stale })).rejects.toMatchObject({
    status: 409,
  });
  await send({ method: "DELETE", path: `${path}/a` });
  const client = createClient(connection, { answerTimeout: 5_000 });
  onTestFinished(() => client.close());
  await expect(client.get(`${path}/a`, never)).rejects.toMatchObject({ status: 404 });
  expect(looks).toEqual(["POST", "PUT", "PUT", "PATCH", "PATCH", "DELETE", "DELETE"]);
});

test("the last look comes when the connection stands, and what it throws leaves nothing behind", async () => {
  const { path } = await leases(api.admin);
  const writer = writerOf();
  const body = { metadata: { name: "never" } };
  const beforeSending = (): void => {
    throw new Error("not the leader any more");
  };
  await expect(writer.send({ method: "POST", path, body, beforeSending }, never)).rejects.toThrow(
    "not the leader",
  );
  await writer.send({ method: "POST", path, body: { metadata: { name: "b" } } }, never);
  await expect(writer.send({ method: "POST", path, body, beforeSending }, never)).rejects.toThrow(
    "not the leader",
  );
  const list = (await api.admin.expect("GET", path)) as { items: Stored[] };
  expect(list.items.map(({ metadata }) => metadata.name)).toEqual(["b"]);
});
