/** The operations of RFC 6902 that a fix may use. */
export type JsonPatchOperation =
  { op: "test"; path: string; value: unknown } | { op: "add"; path: string; value: unknown };
