// Who reaches whom, as text that a reader can check by eye.

import { connects, type End } from "#src/network/connection.ts";
import type { Protocol } from "#src/network/ports.ts";

export interface ReachPort {
  readonly protocol: Protocol;
  readonly port: number;
}

export interface ReachOptions {
  readonly ports: readonly ReachPort[];
  /** Which pairs are told; all unless given. */
  readonly told?: (from: string, to: string) => boolean;
}

/** A line for each pair: `shop/frontend -> shop/backend 8080/TCP`, with `-` for none of the ports. */
export function reachText(
  ends: ReadonlyMap<string, End>,
  { ports, told = () => true }: ReachOptions,
): string {
  const all = [...ends];
  const width = Math.max(26, ...[...ends.keys()].map(({ length }) => length));
  const lines = all.flatMap(([from, source]) =>
    all.flatMap(([to, destination]) => {
      if (from === to || !told(from, to)) return [];
      const open = ports.filter((port) => connects(source, destination, port).allowed === true);
      const text =
        open.length === ports.length
          ? "every port"
          : open.map(({ port, protocol }) => `${port}/${protocol}`).join(", ");
      return [`${from.padEnd(width)} -> ${to.padEnd(width)} ${text === "" ? "-" : text}`];
    }),
  );
  return `${lines.join("\n")}\n`;
}
