import type { JsonPatchOperation } from "../wire/json-patch.ts";
import type { Finding } from "./finding.ts";
import type { ModeName } from "./profile.ts";
import type { Rule } from "./rule.ts";
import type { Subject } from "./subject.ts";

/** What one finding comes to: `none` where it is waived, excepted, or no mode asks for its rule. */
export type Effect = "deny" | "warn" | "audit" | "none";

/** A finding with what was decided about it, and why. */
export interface Judged {
  readonly rule: Rule;
  readonly finding: Finding;
  /** Whether this request brings or worsens it; an old one only warns. */
  readonly introduced: boolean;
  /** That is not known: what a guard found then counts as brought, all else as old. */
  readonly unsure?: boolean;
  readonly effect: Effect;
  /** The modes under which the rule speaks here; guards and system rules speak under none. */
  readonly modes: readonly ModeName[];
  /** Set where a waiver or an exception silences it: the reason given. */
  readonly excused?: { readonly by: "waiver" | "exception"; readonly reason: string };
  /** A further line for the denial, the end of a warning: why a waiver does not count, or why it only warns. */
  readonly note?: string;
}

/** Why a request was not judged at all. */
export type Skipped = "exempt" | "system" | "no-change" | "off" | "subresource";

/** The answer to one request, as data; `admission/respond` makes the AdmissionReview of it. */
export interface Verdict {
  readonly allowed: boolean;
  /** The denial's text, all findings in one; absent where allowed. */
  readonly message?: string;
  /** One line each, within the API server's limits. */
  readonly warnings: readonly string[];
  /** Keys without a slash, at most 63 characters. */
  readonly auditAnnotations: Readonly<Record<string, string>>;
  /** Only from `/mutate`, and never empty. */
  readonly patch?: readonly JsonPatchOperation[];
  readonly findings: readonly Judged[];
  readonly skipped?: Skipped;
  /** Rules whose answer is unknown, with the part of the view that is missing. */
  readonly unknown: readonly { readonly rule: string; readonly missing: string }[];
  /** Rules that threw, with what they threw; the request was judged without them. */
  readonly failed: readonly { readonly rule: string; readonly error: unknown }[];
  /** Milliseconds for which the request was held for a cure. */
  readonly held?: number;
}

/** Someone waits for a decision. */
export interface Waiting {
  /** Aborted at the request's own deadline or when the client is gone; made when it is first asked for. */
  readonly signal: AbortSignal;
}

/**
 * Decides one request. Rejects with RingfenceError (RF_ERR_DEADLINE, RF_ERR_RULE) or any other error: HTTP 500, never
 * a verdict.
 */
export type Decide = (subject: Subject, request: Waiting) => Promise<Verdict> | Verdict;
