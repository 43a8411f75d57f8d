import type { LabelSelector } from "../wire/meta.ts";
import {
  allOf,
  allows,
  among,
  anything,
  both,
  exactly,
  isAnything,
  isImpossible,
  missing,
  present,
  within,
} from "./constraint.ts";
import type { Constraint } from "./constraint.ts";
import { compareText } from "./labels.ts";
import type { LabelSet } from "./labels.ts";
import { requirements } from "./requirements.ts";

/** What a selector selects. Only selectors of one domain may be compared. */
export type SelectorDomain = "pods" | "namespaces";

/** The label that kube-apiserver sets on every namespace to its name, whatever was written. */
export const namespaceNameLabel = "kubernetes.io/metadata.name";

/** A compiled label selector: one constraint per key, all of them at once. */
export interface Selector {
  readonly domain: SelectorDomain;
  /** In the order of the keys; a key that is not constrained does not stand here. */
  readonly constraints: ReadonlyMap<string, Constraint>;
  /**
   * Canonical and much like kubectl's: `app=web,tier in (a,b),!legacy`; "" selects everything. Selectors of one domain
   * that mean the same key by key have the same text, and different ones never have.
   */
  readonly text: string;
}

/** What the questions need of a selector: pieces of a search have no text, and some are of several domains at once. */
export interface Box {
  readonly domain: SelectorDomain | "connections";
  readonly constraints: ReadonlyMap<string, Constraint>;
}

/**
 * Compiles a selector. Absent means everything, as `spec.podSelector` has it; a peer's absent selector means something
 * else and is the caller's to see. `undefined`: it cannot be read (unknown operator; In or NotIn without values; Exists
 * or DoesNotExist with values; not the types of the API), which kube-apiserver refuses, but only after mutating admission.
 *
 * In the domain of namespaces `kubernetes.io/metadata.name` is never absent (SetDefaults_Namespace), so that its
 * DoesNotExist can never hold and its Exists always does.
 */
export function compileSelector(
  selector: LabelSelector | null | undefined,
  domain: SelectorDomain,
): Selector | undefined {
  if (selector === undefined || selector === null) return everything(domain);
  // By far the most selectors are pairs alone, and every request compiles some.
  const pairs = isNone(selector.matchExpressions) ? selectorOfPairs(selector.matchLabels, domain) : undefined;
  if (pairs !== undefined) return pairs;
  const demands = new Map<string, Constraint[]>();
  for (const requirement of requirements(selector)) {
    if (requirement === undefined) return undefined;
    const [key, constraint] = requirement;
    const ofKey = demands.get(key);
    if (ofKey === undefined) demands.set(key, [universe(domain, key), constraint]);
    else ofKey.push(constraint);
  }
  const constraints = new Map<string, Constraint>();
  for (const [key, all] of demands) constraints.set(key, allOf(all));
  return fromConstraints(domain, constraints);
}

function isNone(list: unknown): boolean {
  return list === undefined || list === null || (Array.isArray(list) && list.length === 0);
}

/** `undefined` where a value is no string. */
function selectorOfPairs(
  matchLabels: LabelSelector["matchLabels"] | null,
  domain: SelectorDomain,
): Selector | undefined {
  if (matchLabels === undefined || matchLabels === null) return everything(domain);
  const keys = Object.keys(matchLabels);
  // Most are of one label, and to sort one costs as much as to read it.
  if (keys.length > 1) keys.sort(compareText);
  const constraints = new Map<string, Constraint>();
  for (const key of keys) {
    const value: unknown = matchLabels[key];
    if (typeof value !== "string") return undefined;
    constraints.set(key, exactly(value));
  }
  return new CompiledSelector(domain, constraints);
}

/** Of most selectors of a request nobody asks for the text: it is written when somebody does. */
class CompiledSelector implements Selector {
  readonly domain: SelectorDomain;
  readonly constraints: ReadonlyMap<string, Constraint>;
  #text: string | undefined;

  constructor(domain: SelectorDomain, constraints: ReadonlyMap<string, Constraint>) {
    this.domain = domain;
    this.constraints = constraints;
  }

  get text(): string {
    return (this.#text ??= constraintsText(this.domain, this.constraints));
  }
}

function constraintsText(domain: SelectorDomain, constraints: ReadonlyMap<string, Constraint>): string {
  const parts: string[] = [];
  for (const [key, constraint] of constraints) parts.push(constraintText(domain, key, constraint));
  // Not added up: a text that is kept would hold on to all that it was added up of.
  return parts.join(",");
}

/** The selector that every object of the domain satisfies. */
export function everything(domain: SelectorDomain): Selector {
  return domain === "pods" ? allPods : allNamespaces;
}

/** A selector that no object satisfies: stands for one that cannot be read. */
export function nothing(domain: SelectorDomain): Selector {
  return domain === "pods" ? noPods : noNamespaces;
}

/** The selector of these labels, all of them at once. */
export function selectorOf(labels: LabelSet, domain: SelectorDomain): Selector {
  return fromConstraints(domain, new Map([...labels].map(([key, value]) => [key, among([value])])));
}

/** For people: the text, or "all pods" / "all namespaces". */
export function describeSelector(selector: Selector): string {
  if (isEverything(selector)) return selector.domain === "pods" ? "all pods" : "all namespaces";
  return selector.text;
}

/**
 * Whether an object with these labels is selected. Labels of a namespace must hold `kubernetes.io/metadata.name`, as
 * those from kube-apiserver do.
 */
export function matches(selector: Selector, labels: LabelSet): boolean {
  for (const [key, constraint] of selector.constraints) {
    if (!allows(constraint, labels.get(key))) return false;
  }
  return true;
}

/** The same where only some of the labels are known: `undefined` where one that is not known decides. */
export function matchesPartly(selector: Selector, known: LabelSet): boolean | undefined {
  let answer: boolean | undefined = true;
  for (const [key, constraint] of selector.constraints) {
    const value = known.get(key);
    if (value === undefined) answer = undefined;
    else if (!allows(constraint, value)) return false;
  }
  return answer;
}

/** Whether it selects every object there can be. */
export function isEverything(selector: Box): boolean {
  return selector.constraints.size === 0;
}

/** Whether any object could be selected. */
export function satisfiable(selector: Box): boolean {
  for (const constraint of selector.constraints.values()) {
    if (isImpossible(constraint)) return false;
  }
  return true;
}

/** Whether everything that `a` selects, present or not, is selected by `b`. Exact. */
export function implies(a: Box, b: Box): boolean {
  if (a === b || !satisfiable(a)) return true;
  for (const [key, constraint] of b.constraints) {
    if (!within(a.constraints.get(key) ?? universe(a.domain, key), constraint)) return false;
  }
  return true;
}

/** Whether one object could be selected by both. Exact. */
export function overlaps(a: Box, b: Box): boolean {
  if (!satisfiable(a) || !satisfiable(b)) return false;
  for (const [key, constraint] of a.constraints) {
    const other = b.constraints.get(key);
    if (other !== undefined && isImpossible(both(constraint, other))) return false;
  }
  return true;
}

/** Whether both select exactly the same objects. Exact. */
export function equivalent(a: Selector, b: Selector): boolean {
  return implies(a, b) && implies(b, a);
}

/** The selector of what both select. */
export function intersect(a: Selector, b: Selector): Selector {
  if (a.constraints.size === 0) return b;
  if (b.constraints.size === 0 || a === b) return a;
  const constraints = new Map(a.constraints);
  for (const [key, constraint] of b.constraints) {
    const other = constraints.get(key);
    constraints.set(key, other === undefined ? constraint : both(other, constraint));
  }
  return fromConstraints(a.domain, constraints);
}

/** Every state that a key can be in. */
export function universe(domain: Box["domain"], key: string): Constraint {
  const named =
    (domain === "namespaces" && key === namespaceNameLabel) ||
    (domain === "connections" && key === `namespace ${namespaceNameLabel}`);
  return named ? present : anything;
}

function fromConstraints(domain: SelectorDomain, constraints: ReadonlyMap<string, Constraint>): Selector {
  const kept: [string, Constraint][] = [];
  for (const [key, constraint] of constraints) {
    const demanding =
      domain === "namespaces" && key === namespaceNameLabel
        ? !within(present, constraint)
        : !isAnything(constraint);
    if (demanding) kept.push([key, constraint]);
  }
  kept.sort((a, b) => compareText(a[0], b[0]));
  return new CompiledSelector(domain, new Map(kept));
}

function constraintText(domain: SelectorDomain, key: string, constraint: Constraint): string {
  const name = plain(key);
  const { absent, complement, values } = constraint;
  if (!complement) {
    if (values.length === 0) return absent ? `!${name}` : `${name} in ()`;
    const [only] = values;
    const found =
      values.length === 1 && only !== undefined
        ? `${name}=${only === "" ? "" : plain(only)}`
        : `${name} in ${listText(values)}`;
    return absent ? `!${name} or ${found}` : found;
  }
  if (values.length === 0) return name;
  const others = `${name} notin ${listText(values)}`;
  // Of a key that is never absent, "notin" says it all.
  return absent || !universe(domain, key).absent ? others : `${name},${others}`;
}

function listText(values: readonly string[]): string {
  return `(${values.map(plain).join(",")})`;
}

/**
 * Characters that no valid label has are quoted, and so is nothing at all: before validation a value may hold anything,
 * and no text may be read as that of another selector.
 */
function plain(text: string): string {
  return /^[A-Za-z0-9._/-]+$/.test(text) ? text : JSON.stringify(text);
}

const allPods = fromConstraints("pods", new Map());
const allNamespaces = fromConstraints("namespaces", new Map());
const noPods = fromConstraints("pods", new Map([["", { ...missing, absent: false }]]));
const noNamespaces = fromConstraints("namespaces", new Map([["", { ...missing, absent: false }]]));
