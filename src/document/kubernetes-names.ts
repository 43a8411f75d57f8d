import { z } from "zod";

/** Of a DNS subdomain. */
const maxName = 253;

/** A namespace: an RFC 1123 label. */
export const namespaceName = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, {
  error: "must be a namespace's name: lower-case letters, digits and -, at most 63 characters",
});

/** A label key: an optional DNS prefix and a slash, then up to 63 characters. */
export const labelKey = z.string().refine(isLabelKey, {
  error: "must be a label key, such as tenant or example.com/tenant; patterns are not known here",
});

function isLabelKey(text: string): boolean {
  const parts = text.split("/");
  const name = parts.pop() ?? "";
  if (parts.length > 1 || !/^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/.test(name)) return false;
  const prefix = parts[0];
  if (prefix === undefined) return true;
  return (
    prefix.length <= maxName &&
    /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(prefix)
  );
}

/** A label value: at most 63 characters, possibly empty. */
export const labelValue = z.string().regex(/^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/, {
  error: "must be a label value: letters, digits, - _ and ., at most 63 characters",
});
