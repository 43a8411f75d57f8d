import type { ZodType } from "zod";
import type { Budget } from "../network/budget.ts";
import type { JsonPatchOperation } from "../wire/json-patch.ts";
import type { ClusterView, ViewPart } from "./cluster-view.ts";
import type { Finding } from "./finding.ts";
import type { Settings } from "./settings.ts";
import type { Operation, PolicySubject, SubjectKind, SubjectOf } from "./subject.ts";

/** What a rule belongs to, and so what its findings may do. */
export type RuleProfile = "baseline" | "restricted" | "advisory" | "guard";

/**
 * What a rule looks at, and so how *introduced or worsened* is found:
 * - object: the object alone; compared with the rule's findings on the old object;
 * - set: the namespace's policies; compared with its findings on the set before the request;
 * - change: old and new object together; every finding is new.
 */
export type Judges = "object" | "set" | "change";

/** What a fix does to reach: nothing, more is allowed, or less. */
export type FixClass = "neutral" | "widening" | "narrowing";

/** The texts of one message; `{{name}}` stands for a value of the finding's data. */
export interface Message {
  /** What is wrong, in a sentence or two. A line break begins a further, indented line. */
  readonly text: string;
  /** What to write instead. */
  readonly remedy: string;
  /** The same in one short line, for `Warning:`; 120 characters where possible. */
  readonly warning: string;
  /** Such a finding never denies and warns as those of advisory rules do. */
  readonly advisory?: true;
  /** The rule cannot say: reported where `audit` asks for the rule, and nowhere else. */
  readonly unknown?: true;
}

export interface RuleDocs {
  readonly title: string;
  readonly summary: string;
  readonly why: string;
  readonly remediation: string;
  readonly references: readonly string[];
}

/** What a check may ask besides the subject. */
export interface RuleContext<Options> {
  readonly view: ClusterView;
  readonly options: Options;
  readonly settings: Settings;
  /** Steps of selector algebra that are left; used up, the present pods decide and the finding says so. */
  readonly budget: Budget;
}

/** One check with a permanent id. */
export interface Rule<K extends SubjectKind = SubjectKind, M extends string = string, Options = unknown> {
  readonly id: string;
  readonly profile: RuleProfile;
  /** The version that brought this behaviour. */
  readonly since: `v${number}`;
  /** The version whose behaviour another rule of the same id has: this one is for namespaces that are pinned below it. */
  readonly until?: `v${number}`;
  /** What it does otherwise than the rule of the same id before it, in a sentence; pages show it. */
  readonly changed?: string;
  /** Whether another object of the same apply may cure the finding. */
  readonly curable: boolean;
  /**
   * Before it denies it is held as what is curable is, since it stands on what was there a moment ago and the view may be
   * behind. It is no cure that is waited for: on a dry run it denies all the same.
   */
  readonly awaitsView?: true;
  readonly judges: Judges;
  /** No guard: warns in every namespace that is judged, whatever its modes ask for. */
  readonly everywhere?: true;
  /**
   * Judges policies of system namespaces as well, where no other rule does; what it finds there comes to what
   * `systemNamespaces.action` says, under no mode.
   */
  readonly system?: true;
  /** Judges updates that leave the spec of a policy as it is as well, where no other rule does. */
  readonly metadata?: true;
  /** Judged before the others: what it finds is too large for them, and they are spared it where it decides. */
  readonly bounds?: true;
  /** What it judges; several where one definition holds of both. */
  readonly kind: K | readonly K[];
  readonly operations: readonly Operation[];
  readonly needs: readonly ViewPart[];
  readonly options: ZodType<Options>;
  readonly docs: RuleDocs;
  readonly messages: Readonly<Record<M, Message>>;
  /** Synchronous, pure, total: never throws, logs, waits or calls out. */
  check(subject: SubjectOf<K>, context: RuleContext<Options>): readonly (Finding & { readonly message: M })[];
  readonly fix?: Fix<Options>;
}

/** Whether the rule judges requests for this kind. */
export function judgesKind({ kind }: Pick<Rule, "kind">, asked: SubjectKind): boolean {
  return typeof kind === "string" ? kind === asked : kind.includes(asked);
}

/** The one safe repair of a policy rule's findings. */
export interface Fix<Options = unknown> {
  readonly class: FixClass;
  /** What was done, in one short line for a `Warning:`. */
  readonly warning: string;
  /**
   * Appends only; each `add` is guarded by a `test` of what it stands on. Empty where nothing is to do, and so on its
   * own output.
   */
  operations(subject: PolicySubject, context: RuleContext<Options>): readonly JsonPatchOperation[];
}
