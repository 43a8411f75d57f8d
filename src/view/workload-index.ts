import type { Interner } from "../network/interner.ts";
import {
  groupWorkloads,
  podFacts,
  templateFacts,
  type WorkloadFacts,
  type WorkloadGroup,
} from "../network/workloads.ts";
import type { Pod, PodTemplate } from "../wire/pod.ts";
import type { CronJob, Workload } from "../wire/workload.ts";
import type { WorkloadKind } from "./followed-kinds.ts";
import { Kind, type KindHandler } from "./kind.ts";
import { ownerOf, rootOf } from "./owners.ts";
import { Recent } from "./recent.ts";
import { Shapes, type Shape } from "./shapes.ts";

export interface WorkloadIndexOptions {
  readonly interner: Interner;
  /** Called when the pods or templates of a namespace are others than before. */
  readonly changed: (namespace: string) => void;
  readonly settled: () => void;
}

/** For how many namespaces the groups are kept. */
const keptGroups = 512;

/**
 * Pods and pod templates, finished ones too. Of each, its name and a shared shape is kept. ReplicaSets of a Deployment
 * and Jobs of a CronJob are links from pods to their roots only: their owner's template stands for them.
 */
export class WorkloadIndex {
  readonly pods: Kind<Pod, Shape>;
  readonly deployments: Kind<Workload, Shape>;
  readonly statefulsets: Kind<Workload, Shape>;
  readonly daemonsets: Kind<Workload, Shape>;
  readonly replicasets: Kind<Workload, Shape>;
  readonly jobs: Kind<Workload, Shape>;
  readonly cronjobs: Kind<CronJob, Shape>;
  readonly #templates: readonly (readonly [string, Kind<Workload, Shape> | Kind<CronJob, Shape>])[];
  readonly #groups = new Recent(keptGroups, (namespace: string) => groupWorkloads(this.#facts(namespace)));
  /** Asked several times by each request. */
  #known = false;

  constructor({ interner, changed, settled }: WorkloadIndexOptions) {
    const shapes = new Shapes();
    const events = {
      changed: (namespace: string): void => {
        this.#groups.delete(namespace);
        changed(namespace);
      },
      settled: (): void => {
        this.#known = this.pods.known && this.#templates.every(([, kind]) => kind.known);
        settled();
      },
    };
    const workload = (isOver: (workload: Workload) => boolean = () => false): Kind<Workload, Shape> =>
      new Kind({
        read: (object) =>
          isOver(object) ? undefined : templateShape(object, object.spec?.template, interner, shapes),
        ...events,
      });
    this.pods = new Kind({
      read: (pod) => shapes.share(podFacts(pod, interner), ownerOf(pod.metadata)),
      ...events,
    });
    this.deployments = workload();
    this.statefulsets = workload();
    this.daemonsets = workload();
    this.replicasets = workload(isScaledDown);
    this.jobs = workload((job) => isFinished(job) && isLink(ownerOf(job.metadata)));
    this.cronjobs = new Kind({
      read: ({ metadata, spec }) =>
        templateShape({ metadata }, spec?.jobTemplate?.spec?.template, interner, shapes),
      ...events,
    });
    this.#templates = [
      ["Deployment", this.deployments],
      ["StatefulSet", this.statefulsets],
      ["DaemonSet", this.daemonsets],
      ["ReplicaSet", this.replicasets],
      ["Job", this.jobs],
      ["CronJob", this.cronjobs],
    ];
  }

  /** Where the objects of each kind go. */
  get handlers(): Readonly<Record<WorkloadKind, KindHandler>> {
    const { pods, deployments, statefulsets, daemonsets, replicasets, jobs, cronjobs } = this;
    return { pods, deployments, statefulsets, daemonsets, replicasets, jobs, cronjobs };
  }

  /** Whether all kinds are known: a missing one could hold the very pod that a rule asks for. */
  get known(): boolean {
    return this.#known;
  }

  /** The groups of a namespace, the same array until one of its pods or templates changes. */
  groups(namespace: string): readonly WorkloadGroup[] {
    return this.#groups.get(namespace);
  }

  *#facts(namespace: string): Generator<WorkloadFacts> {
    const find = (owner: string): Shape | undefined => this.#find(namespace, owner);
    for (const [name, shape] of this.pods.in(namespace)) {
      const root = rootOf(shape.owner, find);
      yield { ...shape, name, ...(root !== undefined && { root }) };
    }
    for (const [kind, records] of this.#templates) {
      for (const [name, shape] of records.in(namespace)) {
        if (!isLink(shape.owner)) yield { ...shape, name: `${kind}/${name}` };
      }
    }
  }

  #find(namespace: string, owner: string): Shape | undefined {
    const [kind = "", name = ""] = owner.split("/");
    return this.#templates.find(([each]) => each === kind)?.[1].get(namespace, name);
  }
}

function templateShape(
  workload: Pick<Workload, "metadata" | "status">,
  template: PodTemplate | undefined,
  interner: Interner,
  shapes: Shapes,
): Shape | undefined {
  if (template === undefined) return undefined;
  const terminating = workload.metadata.deletionTimestamp !== undefined;
  const facts = templateFacts("", template, terminating, interner);
  return shapes.share({ ...facts, finished: isFinished(workload) }, ownerOf(workload.metadata));
}

/** Whether another's template stands for that of an object with this owner. */
function isLink(owner: string | undefined): boolean {
  return owner !== undefined && (owner.startsWith("Deployment/") || owner.startsWith("CronJob/"));
}

/** An old revision that its owner keeps at zero. */
function isScaledDown({ metadata, spec }: Workload): boolean {
  return (
    spec?.replicas === 0 && (metadata.ownerReferences?.some((owner) => owner.controller === true) ?? false)
  );
}

/** Of Jobs alone: other workloads have conditions of other types. */
function isFinished({ status }: Pick<Workload, "status">): boolean {
  return (
    status?.conditions?.some(
      (condition) =>
        (condition.type === "Complete" || condition.type === "Failed") && condition.status === "True",
    ) ?? false
  );
}
