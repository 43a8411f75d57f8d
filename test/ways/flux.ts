// What kustomize-controller sends, read from its sources (fluxcd/pkg, ssa/manager_apply.go, manager_delete.go, sort.go):
// namespaces first; then every object is read and applied server-side on a dry run, four at a time; where nothing was
// refused they are applied in order, one by one, up to the first refusal; what is not declared any more is deleted
// last, in the opposite order, whatever is refused on the way.
import { send, succeeded, type Place, type Target } from "./place.ts";

const applyPatch = "application/apply-patch+yaml";
const manager = "fieldManager=kustomize-controller&force=true";
const concurrency = 4;

export interface Reconciliation {
  readonly targets: readonly Target[];
  /** What the last one applied and this one does not. */
  readonly stale?: readonly Target[];
}

/** One reconciliation of a Kustomization; whether it says that it is ready. */
export async function reconcile(place: Place, { targets, stale = [] }: Reconciliation): Promise<boolean> {
  const staged = [targets.filter(isNamespace), targets.filter((target) => !isNamespace(target))];
  for (const stage of staged) if (!(await applyAll(place, sorted(stage)))) return false;
  return await deleteAll(place, stale);
}

/** What a Kustomization that is deleted does: everything goes, in the opposite order. */
export async function deleteAll(place: Place, targets: readonly Target[]): Promise<boolean> {
  let all = true;
  for (const target of sorted(targets).reverse()) {
    const body = { kind: "DeleteOptions", apiVersion: "v1", propagationPolicy: "Background" };
    const response = await send(place, "DELETE", pathOf(target), { body });
    if (response.status !== 404 && !succeeded(response)) all = false;
  }
  return all;
}

async function applyAll(place: Place, targets: readonly Target[]): Promise<boolean> {
  const queue = [...targets];
  const refused: Target[] = [];
  const worker = async (): Promise<void> => {
    for (let target = queue.shift(); target !== undefined && refused.length === 0; target = queue.shift()) {
      await send(place, "GET", pathOf(target));
      if (!(await apply(place, target, "&dryRun=All"))) refused.push(target);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  if (refused.length > 0) return false;
  for (const target of targets) if (!(await apply(place, target, ""))) return false;
  return true;
}

async function apply(place: Place, target: Target, query: string): Promise<boolean> {
  const request = { body: target.object, contentType: applyPatch };
  return succeeded(await send(place, "PATCH", `${pathOf(target)}?${manager}${query}`, request));
}

function isNamespace({ object }: Target): boolean {
  return object.kind === "Namespace";
}

/** Deployments are in the list of kinds that go first, NetworkPolicies in none; then by name. */
function sorted(targets: readonly Target[]): Target[] {
  const rank = ({ object }: Target): number => (object.kind === "Deployment" ? 0 : 1);
  return targets.toSorted(
    (a, b) => rank(a) - rank(b) || (a.object.metadata.name < b.object.metadata.name ? -1 : 1),
  );
}

function pathOf({ collection, object }: Target): string {
  return `${collection}/${object.metadata.name}`;
}
