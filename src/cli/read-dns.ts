import { ApiError } from "../kubernetes/api-error.ts";
import type { KubernetesClient, KubernetesObject } from "../kubernetes/client.ts";
import { listAll } from "../kubernetes/pages.ts";
import { fullName, resourcePath, type ResourceName } from "../kubernetes/resources.ts";
import type { DnsProfile } from "../network/dns-profile.ts";
import { dnsNamespaces } from "../network/dns/candidates.ts";
import type { DnsFacts } from "../network/dns/detect.ts";
import type { ResolverPod } from "../network/dns/service-resolver.ts";
import { Interner } from "../network/interner.ts";
import { labelSet, type LabelSet } from "../network/labels.ts";
import { namespaceNameLabel } from "../network/selector.ts";
import { podFacts } from "../network/workloads.ts";
import { DnsIndex } from "../view/dns-index.ts";
import type { KindHandler } from "../view/kind.ts";

/**
 * The DNS profile as the server would detect it, from these facts and one reading of the Services in question. What may
 * not be read is named in it. Rejects where the API server fails otherwise.
 */
export async function readDnsProfile(
  client: Pick<KubernetesClient, "get" | "list">,
  facts: DnsFacts,
  signal: AbortSignal,
): Promise<DnsProfile> {
  const index = new DnsIndex({ changed: () => undefined, settled: () => undefined });
  const missing: string[] = [];
  const list = async (resource: ResourceName, namespace: string) =>
    await unlessForbidden(listAll(client, resourcePath(resource, namespace), signal), () =>
      missing.push(`no right to list ${fullName(resource)} in ${namespace}`),
    );
  const interner = new Interner();
  const pods = new Map<string, readonly ResolverPod[]>();
  const labels = new Map<string, LabelSet>();
  for (const namespace of dnsNamespaces) {
    const { services, endpointslices } = index.in[namespace];
    fill(services, await list("services", namespace));
    fill(endpointslices, await list("endpointslices", namespace));
    pods.set(
      namespace,
      ((await list("pods", namespace)) ?? []).map((pod) => podFacts(pod, interner)),
    );
    labels.set(namespace, await labelsOf(namespace, client, signal));
  }
  const profile = index.profile({
    namespaceLabels: (namespace) => labels.get(namespace),
    pods: (namespace) => pods.get(namespace) ?? [],
    facts,
  });
  return { ...profile, unread: [...missing, ...profile.unread] };
}

/** What may not be read stays unknown. */
function fill(handler: KindHandler, objects: readonly KubernetesObject[] | undefined): void {
  if (objects === undefined) return;
  handler.replaceBegin();
  for (const object of objects) handler.upsert(object);
  handler.replaceDone();
}

/** Those of the namespace; of one that may not be read the label that all have. */
async function labelsOf(
  namespace: string,
  client: Pick<KubernetesClient, "get">,
  signal: AbortSignal,
): Promise<LabelSet> {
  try {
    const object = (await client.get(
      `${resourcePath("namespaces")}/${namespace}`,
      signal,
    )) as KubernetesObject;
    return labelSet(object.metadata.labels);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return labelSet({ [namespaceNameLabel]: namespace });
  }
}

async function unlessForbidden<T>(asked: Promise<T>, forbidden: () => void): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 403) throw error;
    forbidden();
    return undefined;
  }
}
