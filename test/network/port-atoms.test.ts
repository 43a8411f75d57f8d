import { test } from "@fast-check/vitest";
import fc from "fast-check";
import { expect } from "vitest";
import { holdsAtom, portAtoms } from "#src/network/port-atoms.ts";
import { compilePorts, opensPort, protocols } from "#src/network/ports.ts";
import type { NamedPort, PortSet, Protocol } from "#src/network/ports.ts";
import type { NetworkPolicyPort } from "#src/wire/network-policy.ts";

const protocol = fc.constantFrom<Protocol>("TCP", "UDP");
const small = fc.integer({ min: 1, max: 8 });
const item: fc.Arbitrary<NetworkPolicyPort> = fc.oneof(
  fc.record({ protocol, port: small }),
  fc.tuple(protocol, small, small).map(([of, a, b]) => ({
    protocol: of,
    port: Math.min(a, b),
    endPort: Math.max(a, b),
  })),
  fc.record({ protocol, port: fc.constantFrom("web", "dns") }),
  fc.record({ protocol }),
);
/** "any" where the list is empty. */
const ports = fc.array(item, { maxLength: 3 }).map((items) => compilePorts(items).ports);

const numbers = [1, 2, 3, 4, 5, 6, 7, 8, 9, 65_535];
const opensNumber = (set: PortSet | "any", of: Protocol, port: number, named: readonly NamedPort[] = []) =>
  opensPort(set, of, port, named) === true;

test.prop([ports, fc.array(ports, { maxLength: 3 })])(
  "the pieces are all of the ports, each number once, and each set holds a piece whole or not at all",
  (set, others) => {
    const atoms = portAtoms(set, others);
    for (const of of protocols) {
      for (const number of numbers) {
        const holding = atoms.filter(
          (atom) =>
            atom.kind === "numbers" &&
            atom.protocol === of &&
            atom.interval[0] <= number &&
            number <= atom.interval[1],
        );
        expect(holding).toHaveLength(opensNumber(set, of, number) ? 1 : 0);
        for (const atom of holding) {
          for (const other of others) {
            expect(holdsAtom(other, atom) === true).toBe(opensNumber(other, of, number));
          }
        }
      }
    }
    const names = atoms.flatMap((atom) => (atom.kind === "name" ? [`${atom.name}/${atom.protocol}`] : []));
    const own = set === "any" ? [] : protocols.flatMap((of) => set[of].names.map((name) => `${name}/${of}`));
    expect(names).toEqual(own);
    expect(atoms.some(({ kind }) => kind === "rest")).toBe(set === "any");
  },
);

test.prop([ports, protocol, fc.constantFrom("web", "dns")])(
  "a set holds a name for certain where it does on every pod, and not where it does on none",
  (set, of, name) => {
    const onEach = numbers.map((port) => opensNumber(set, of, port, [{ name, protocol: of, port }]));
    const answer = holdsAtom(set, { kind: "name", protocol: of, name });
    if (answer === true) expect(onEach).not.toContain(false);
    if (answer === false) expect(onEach).not.toContain(true);
  },
);

test.prop([ports])("only any port holds what is of no protocol", (set) => {
  expect(holdsAtom(set, { kind: "rest" })).toBe(set === "any");
});
