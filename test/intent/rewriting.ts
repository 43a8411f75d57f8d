// The same intent written otherwise: what people, formatters and GitOps tools do to YAML without changing what it says.
import { stringify } from "yaml";
import { written } from "./arbitraries.ts";
import type { NaiveIntent } from "./naive.ts";

/** How the text differs. */
export interface Style {
  readonly keysTurned: boolean;
  readonly short: boolean;
  readonly nothingSaid: boolean;
  readonly json: boolean;
}

type Value = string | number | boolean | readonly Value[] | { readonly [key: string]: Value };

export function rewritten(intent: NaiveIntent, { keysTurned, short, nothingSaid, json }: Style): string {
  let value = JSON.parse(JSON.stringify(written(intent))) as Record<string, Value>;
  if (nothingSaid) value = { ...nothing, ...value };
  if (short)
    value = Object.fromEntries(Object.entries(value).map(([key, given]) => [key, shortened(key, given)]));
  const text: Value = keysTurned ? turned(value) : value;
  if (json) return JSON.stringify(text);
  return `# what the namespace needs\n${stringify(text, { aliasDuplicateObjects: false })}`;
}

/** Keys that say what holds without them. */
const nothing: Record<string, Value> = {
  allowIntraNamespace: false,
  allowIngressFromIngress: false,
  allowMonitoring: false,
  allowKubeAPI: false,
  egressProxy: false,
  allowEgressToNamespaces: [],
  allowIngressFromNamespaces: [],
  allowIngressFromCIDRs: [],
  allowEgressToCIDRs: [],
  connections: [],
};

function shortened(key: string, value: Value): Value {
  if (key === "denyAll" && isRecord(value)) {
    if (value["ingress"] === value["egress"]) return value["ingress"] ?? false;
    return Object.fromEntries(Object.entries(value).filter(([, closed]) => closed === true));
  }
  if (isList(value))
    return value.map((item) => (key === "connections" ? withShortPorts(item) : shortItem(item)));
  if (!isRecord(value)) return value;
  return Object.keys(value).length === 0 ? true : withShortPorts(value);
}

/** An item that has nothing but its first field, as that field's value. */
function shortItem(item: Value): Value {
  if (!isRecord(item)) return item;
  const fields = Object.entries(item).filter(
    ([field, value]) => !(field === "except" && isList(value) && value.length === 0),
  );
  const [first] = fields;
  return fields.length === 1 && first !== undefined ? first[1] : withShortPorts(Object.fromEntries(fields));
}

/** TCP is meant where no protocol is named. */
function withShortPorts(value: Value): Value {
  if (!isRecord(value)) return value;
  const { ports, ...rest } = value;
  if (ports === undefined || !isList(ports)) return value;
  const shortPort = (port: Value): Value => {
    const text = JSON.stringify(port)
      .replaceAll(/^"|"$/g, "")
      .replace(/\/TCP$/, "");
    return /^\d+$/.test(text) ? Number(text) : text;
  };
  return { ...rest, ports: ports.map(shortPort) };
}

function turned(value: Value): Value {
  if (isList(value)) return value.map(turned);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, content]) => [key, turned(content)]),
  );
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

function isRecord(value: Value): value is { readonly [key: string]: Value } {
  return typeof value === "object" && !isList(value);
}
