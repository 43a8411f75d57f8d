import type { Budget } from "./budget.ts";
import type { AllowEntry } from "./policy.ts";
import type { NamespaceIdentity } from "./reachability.ts";
import type { Selector } from "./selector.ts";

/** What a policy opens to the pods that it selects, or what a ceiling lets it open to them. */
export interface Opening {
  readonly subject: Selector;
  readonly entry: Pick<AllowEntry, "peers" | "ports">;
}

/** What the questions need besides; `own` is the namespace of all the policies. */
export interface CoverContext {
  readonly own: NamespaceIdentity;
  readonly budget: Budget;
  /**
   * The name of a port is held by the same name, or by every port of its protocol, and holds nothing but itself: where
   * whoever writes the one also says what it stands for. Absent: what pods may make of it decides.
   */
  readonly namesAsWritten?: true;
}
