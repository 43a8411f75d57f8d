import { randomBytes } from "node:crypto";
import { onTestFinished } from "vitest";
import type { ApiClient } from "../control-plane/api-client.ts";

/** A namespace with Leases in it: objects that no controller adds to and no webhook judges. */
export interface Leases {
  /** Where they are listed and watched. */
  readonly path: string;
  readonly create: (...names: string[]) => Promise<void>;
  /** Changes a label. */
  readonly touch: (name: string, value: string) => Promise<void>;
  readonly remove: (name: string) => Promise<void>;
}

/** Makes the namespace; it is deleted when the test is over. */
export async function leases(api: ApiClient): Promise<Leases> {
  const namespace = `leases-${randomBytes(4).toString("hex")}`;
  await api.expect("POST", "/api/v1/namespaces", { body: { metadata: { name: namespace } } });
  onTestFinished(async () => {
    await api.send("DELETE", `/api/v1/namespaces/${namespace}`);
  });
  const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
  return {
    path,
    create: async (...names) => {
      for (const name of names) await api.expect("POST", path, { body: { metadata: { name } } });
    },
    touch: async (name, value) => {
      const contentType = "application/merge-patch+json";
      const body = { metadata: { labels: { value } } };
      await api.expect("PATCH", `${path}/${name}`, { body, contentType });
    },
    remove: async (name) => {
      await api.expect("DELETE", `${path}/${name}`);
    },
  };
}
