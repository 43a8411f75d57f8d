import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { messageOf } from "../../control-plane/api-client.ts";
import { controlPlane } from "../support.ts";
import type { Place } from "./scenario.ts";

/** Creates a manifest of this folder as the tenant by a plain POST, as Helm does; the status, or what was said instead. */
export async function post({ name }: Place, file: string): Promise<number | string> {
  const body: unknown = parse(await readFile(join(import.meta.dirname, `${file}.yaml`), "utf8"));
  const path = `/apis/networking.k8s.io/v1/namespaces/${name}/networkpolicies`;
  const response = await controlPlane().api.tenant.send("POST", path, { body });
  return response.status < 300 ? response.status : messageOf(response.body);
}
