import type { Step } from "../case.ts";
import { policyOf } from "./policies.ts";
import type { Draft } from "./policies.ts";

/** A case before its expectations: which ports it asks for after each step, and what changes before. */
export interface Input {
  readonly id: string;
  readonly steps: readonly InputStep[];
}

export interface InputStep extends Omit<Step, "tables" | "apply"> {
  readonly apply?: readonly Draft[];
}

/** One step that applies these policies. */
export function single(id: string, ...apply: readonly Draft[]): Input {
  return { id, steps: [{ apply }] };
}

/** The step without its expectations. */
export function stepOf({ apply, ...changes }: InputStep): Omit<Step, "tables"> {
  return apply === undefined ? changes : { ...changes, apply: apply.map(policyOf) };
}
