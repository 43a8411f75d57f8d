import { stringify } from "yaml";
import type { NetworkPolicyPort } from "../wire/network-policy.ts";
import { isGiven } from "./denied.ts";
import type { Connection, ConnectionEnd, Intent } from "./keys.ts";

/** An intent as the text of an annotation, in short forms where there are some; read again, it is the same. */
export function textOfIntent({ denyAll, allowDNS, connections, ...intent }: Intent): string {
  const written = {
    denyAll: denyAll?.ingress === denyAll?.egress ? denyAll?.ingress : denyAll,
    allowDNS,
    ...Object.fromEntries(
      Object.entries(intent)
        .filter(([, value]) => isGiven(value))
        .map(([key, value]) => [key, asWritten(value)]),
    ),
    connections: connections.length === 0 ? undefined : connections.map(connectionAsWritten),
  };
  return stringify(withoutUndefined(written), { lineWidth: 0, aliasDuplicateObjects: false });
}

/** `true` for a flag without details, an item of a list by its first field where that is all it has. */
function asWritten(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map((item: object) => {
      const fields = fieldsAsWritten(item);
      const [first, ...others] = Object.values(fields);
      return others.length === 0 ? first : fields;
    });
  }
  if (typeof value !== "object" || value === null) return value;
  const fields = fieldsAsWritten(value);
  return Object.keys(fields).length === 0 ? true : fields;
}

function fieldsAsWritten(item: {
  readonly ports?: readonly NetworkPolicyPort[] | undefined;
}): Record<string, unknown> {
  return withoutUndefined({ ...item, ports: item.ports?.map(portAsWritten) });
}

function connectionAsWritten({ from, to, ports }: Connection): object {
  const end = (given: ConnectionEnd) =>
    given.namespace === undefined ? given.pods : withoutUndefined({ ...given });
  return withoutUndefined({ from: end(from), to: end(to), ports: ports?.map(portAsWritten) });
}

function portAsWritten({ protocol = "TCP", port = "", endPort }: NetworkPolicyPort): string {
  return `${port}${endPort === undefined ? "" : `-${endPort}`}/${protocol}`;
}

function withoutUndefined(record: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(record).filter(([, value]: [string, unknown]) => value !== undefined),
  );
}
