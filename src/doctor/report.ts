/** What a check of `ringfence doctor` comes to. */
export interface Report {
  readonly check: string;
  /** `unknown`: it could not be told, and the report says why. */
  readonly outcome: "good" | "bad" | "unknown";
  /** For programs: `--format json` prints it beside `schemaVersion` and `check`. */
  readonly data: Readonly<Record<string, unknown>>;
  /** For people, whole lines. */
  readonly text: string;
}
