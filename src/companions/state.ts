/**
 * How companions stand:
 * - synced: stored as they are due;
 * - pending: to be written, for the first time or because what is due has changed;
 * - failing: the API server refuses them;
 * - foreign: somebody else's policies have their names;
 * - held-back: directions that stay open because closing them would cut off what the cluster needs;
 * - contested: somebody else changes them again and again.
 */
export type CompanionState = "synced" | "pending" | "failing" | "foreign" | "held-back" | "contested";

/** How many of a namespace's companions are in each state. */
export type CompanionCounts = Readonly<Record<CompanionState, number>>;

export const noCompanions: CompanionCounts = {
  synced: 0,
  pending: 0,
  failing: 0,
  foreign: 0,
  "held-back": 0,
  contested: 0,
};

/** The sum of two. */
export function addCounts(a: CompanionCounts, b: CompanionCounts): CompanionCounts {
  return {
    synced: a.synced + b.synced,
    pending: a.pending + b.pending,
    failing: a.failing + b.failing,
    foreign: a.foreign + b.foreign,
    "held-back": a["held-back"] + b["held-back"],
    contested: a.contested + b.contested,
  };
}

/** What is told of a namespace's companions, to people: by log and Event. */
export type Reason =
  | "CompanionsWritten"
  | "CompanionsUpdated"
  | "CompanionsRemoved"
  | "CompanionNameTaken"
  | "IsolationHeldBack"
  | "CompanionContested"
  | "CompanionsFailing"
  | "IntentUnreadable";

export interface Report {
  readonly namespace: string;
  readonly namespaceUid: string;
  readonly reason: Reason;
  /** A sentence for people. */
  readonly note: string;
  /** Whether it goes on being so, and is told anew each time that it is seen. */
  readonly lasting: boolean;
}
