/** The operations of RFC 6902 that a fix may use. */
export type JsonPatchOperation =
  { op: "test"; path: string; value: unknown } | { op: "add"; path: string; value: unknown };

/** Escapes one reference token of a JSON Pointer (RFC 6901, section 3). */
export function pointerToken(token: string): string {
  return token.replaceAll("~", "~0").replaceAll("/", "~1");
}
