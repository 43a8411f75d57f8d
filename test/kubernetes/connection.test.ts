import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { connect } from "#src/kubernetes/connection.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ringfence-connection-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const kubeconfig = (server: string, user: object): string =>
  JSON.stringify({
    clusters: [{ name: "c", cluster: { server } }],
    users: [{ name: "u", user }],
    contexts: [{ name: "main", context: { cluster: "c", user: "u" } }],
    "current-context": "main",
  });

const write = async (name: string, text: string): Promise<string> => {
  const file = join(folder, name);
  await writeFile(file, text);
  return file;
};

test("a kubeconfig gives the server and the user's credentials", async () => {
  const file = await write("config", kubeconfig("https://10.0.0.1:6443/prefix", { token: "secret" }));
  const connection = await connect({ kubeconfig: file });
  expect(connection.server.href).toBe("https://10.0.0.1:6443/prefix");
  const { headers, options } = await connection.credentials();
  expect(headers.Authorization).toBe("Bearer secret");
  expect(options.agent).toBeUndefined();
});

test.each([
  ["missing", undefined, undefined, /config does not exist.*--kubeconfig FILE/],
  ["no YAML", "a: [", undefined, /cannot be read.*kubectl config view/s],
  ["empty", "", undefined, /cannot be read.*kubectl config view/s],
  ["no context", "{}", undefined, /no usable context.*none/],
  ["unknown context", kubeconfig("https://x", {}), "other", /no usable context "other".*main/],
  ["no URL", kubeconfig("nonsense", {}), undefined, /no URL: nonsense/],
])("a kubeconfig that is %s is an error that says what to do", async (_, text, context, message) => {
  const file = join(folder, "config");
  if (text !== undefined) await writeFile(file, text);
  await expect(connect({ kubeconfig: file, context })).rejects.toMatchObject({
    code: "RF_ERR_KUBECONFIG",
    message: expect.stringMatching(message) as string,
  });
});

test("in a pod, a token that is rotated on disk is the next request's", async () => {
  await write("ca.crt", "authority");
  await write("token", "first\n");
  const env = { KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "443" };
  const connection = await connect({ env, accountFolder: folder });
  expect(connection.server.host).toBe("[fd00::1]");
  expect((await connection.credentials()).headers.authorization).toBe("Bearer first");
  await write("token", "second\n");
  expect((await connection.credentials()).headers.authorization).toBe("Bearer second");
});

test("outside of a cluster and without a kubeconfig the error says both ways", async () => {
  await expect(connect({ env: {} })).rejects.toMatchObject({ code: "RF_ERR_KUBECONFIG" });
  const env = { KUBERNETES_SERVICE_HOST: "10.0.0.1", KUBERNETES_SERVICE_PORT: "443" };
  await expect(connect({ env, accountFolder: folder })).rejects.toThrow(/automountServiceAccountToken/);
});
