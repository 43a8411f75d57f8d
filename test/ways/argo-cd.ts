// What Argo CD's application controller sends, read from its sources (argoproj/argo-cd, gitops-engine/pkg/sync and
// pkg/utils/kube, controller/appcontroller.go): a dry run of `kubectl apply` on the client's side, which only reads; then,
// wave by wave, what is pruned (all at once, in the foreground) and after it what is applied (all objects of a kind at
// once); a wave in which something was refused is the last one. With PruneLast pruning is a wave of its own at the end. An
// application that is deleted deletes all its objects at once.
import { send, succeeded, type Place, type Target } from "./place.ts";

const manager = "fieldManager=argocd-controller";
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

/** `client`: kubectl apply; `server`: the option ServerSideApply; `replace`: the option Replace. */
export type Applying = "client" | "server" | "replace";

export interface Sync {
  readonly targets: readonly Target[];
  readonly applying?: Applying;
  /** What stands of the application and is not declared any more. */
  readonly pruned?: readonly Target[];
  readonly pruneLast?: boolean;
  /** The wave of an object; 0 unless given. */
  readonly waves?: Readonly<Record<string, number>>;
}

/** One sync of an application; whether it says that it succeeded. */
export async function sync(place: Place, options: Sync): Promise<boolean> {
  const { targets, applying = "client", pruned = [], pruneLast = false, waves = {} } = options;
  await Promise.all(targets.map((target) => read(place, target)));
  const waveOf = ({ object }: Target): number => waves[object.metadata.name] ?? 0;
  const numbers = [...new Set([0, ...targets.map(waveOf)])].sort((a, b) => a - b);
  for (const number of numbers) {
    const prunedNow = number === 0 && !pruneLast ? pruned : [];
    if (!(await prune(place, prunedNow))) return false;
    const wave = targets.filter((target) => waveOf(target) === number);
    for (const kind of ["NetworkPolicy", "Deployment"]) {
      const ofKind = wave.filter(({ object }) => object.kind === kind);
      const answers = await Promise.all(ofKind.map((target) => apply(place, target, applying)));
      if (answers.includes(false)) return false;
    }
  }
  return pruneLast ? await prune(place, pruned) : true;
}

/** Deletes all objects at once, as pruning and the deletion of an application do. */
export async function prune(place: Place, targets: readonly Target[]): Promise<boolean> {
  const body = { kind: "DeleteOptions", apiVersion: "v1", propagationPolicy: "Foreground" };
  const answers = await Promise.all(
    targets.map(async (target) => {
      const response = await send(place, "DELETE", pathOf(target), { body });
      return response.status === 404 || succeeded(response);
    }),
  );
  return !answers.includes(false);
}

async function apply(place: Place, target: Target, applying: Applying): Promise<boolean> {
  const { collection, object } = target;
  if (applying === "server") {
    const request = { body: object, contentType: "application/apply-patch+yaml" };
    return succeeded(await send(place, "PATCH", `${pathOf(target)}?${manager}&force=true`, request));
  }
  const live = await read(place, target);
  const body = applying === "client" ? annotated(object) : object;
  if (live === undefined) return succeeded(await send(place, "POST", `${collection}?${manager}`, { body }));
  if (applying === "replace") {
    const { resourceVersion } = live.metadata;
    const replacement = { ...object, metadata: { ...object.metadata, resourceVersion } };
    return succeeded(await send(place, "PUT", `${pathOf(target)}?${manager}`, { body: replacement }));
  }
  const patch = { body: strategicMerge(live, body), contentType: "application/strategic-merge-patch+json" };
  return succeeded(await send(place, "PATCH", `${pathOf(target)}?${manager}`, patch));
}

type Written = Target["object"] & { readonly spec?: unknown };
type Live = Written & { readonly metadata: { readonly resourceVersion: string } };

async function read(place: Place, target: Target): Promise<Live | undefined> {
  const response = await send(place, "GET", pathOf(target));
  return response.status === 404 ? undefined : (response.body as Live);
}

function annotated(object: Target["object"]): Written {
  const annotations = { [lastApplied]: `${JSON.stringify(object)}\n` };
  return { ...object, metadata: { ...object.metadata, ...{ annotations } } };
}

/** The fields of the spec that differ: lists of a NetworkPolicy are replaced as a whole. What is not declared any more goes. */
function strategicMerge(live: Live, wanted: Written): object {
  const before = fieldsOf(live.spec);
  const after = fieldsOf(wanted.spec);
  const changes = [...new Set([...before.keys(), ...after.keys()])]
    .filter((key) => JSON.stringify(before.get(key)) !== JSON.stringify(after.get(key)))
    .map((key) => [key, after.get(key) ?? null] as const);
  return { metadata: wanted.metadata, spec: Object.fromEntries(changes) };
}

function fieldsOf(value: unknown): Map<string, unknown> {
  return new Map(typeof value === "object" && value !== null ? Object.entries(value) : []);
}

function pathOf({ collection, object }: Target): string {
  return `${collection}/${object.metadata.name}`;
}
