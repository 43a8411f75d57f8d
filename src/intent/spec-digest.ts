import { createHash } from "node:crypto";
import type { NetworkPolicySpec } from "../wire/network-policy.ts";

/**
 * Equal for specs that mean the same to the API server, which fills in protocols and drops empty lists; different where
 * anything differs, also in fields that we do not know.
 */
export function specDigest(spec: NetworkPolicySpec | undefined): string {
  return createHash("sha256")
    .update(canonical(spec ?? {}, ""))
    .digest("base64url")
    .slice(0, 22);
}

/** JSON with keys in one order, without what the API server leaves out. */
function canonical(value: unknown, field: string): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, field)).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).filter(([key, content]) => !isLeftOut(key, content));
  if (field === "ports" && !Object.hasOwn(value, "protocol")) fields.push(["protocol", "TCP"]);
  return `{${fields
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, content]) => `${JSON.stringify(key)}:${canonical(content, key)}`)
    .join(",")}}`;
}

function isLeftOut(key: string, content: unknown): boolean {
  if (content === null || content === undefined) return true;
  if (Array.isArray(content)) return content.length === 0;
  // An empty selector is something else than none; empty matchLabels are not.
  return key === "matchLabels" && typeof content === "object" && Object.keys(content).length === 0;
}
