import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface PodSurroundings {
  /** Replaces the environment and the folder of the pod's account, for tests. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly accountFolder?: string;
}

const ACCOUNT_FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount";

/** The namespace of the pod that this runs in: `POD_NAMESPACE`, or that of its account; undefined outside of a pod. */
export function ownNamespace({ env = process.env, accountFolder = ACCOUNT_FOLDER }: PodSurroundings = {}):
  string | undefined {
  const { POD_NAMESPACE: named } = env;
  if (named !== undefined && named !== "") return named;
  try {
    const mounted = readFileSync(join(accountFolder, "namespace"), "utf8").trim();
    return mounted === "" ? undefined : mounted;
  } catch {
    return undefined;
  }
}
