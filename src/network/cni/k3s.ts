// k3s: kube-router's policy controller runs inside the k3s process, on by default; no DaemonSet shows it.

import type { NodeFacts } from "../../wire/cluster-facts.ts";
import { finding } from "./agents.ts";
import { boolOf } from "./container.ts";
import type { Evidence } from "../evidence.ts";
import type { Plugin } from "./plugin.ts";

export const k3s: Plugin = {
  id: "k3s",
  title: "k3s",
  gives: ["enforced", "not-enforced", "unknown"],
  find: ({ nodes }) => {
    const ours = nodes.filter(({ kubeletVersion }) => kubeletVersion.includes("+k3s"));
    const [first] = ours;
    if (first === undefined) return undefined;
    const servers = ours.flatMap((node) => {
      const args = argsOf(node);
      return args?.[0] === "server" ? [{ node, args }] : [];
    });
    const off = servers.find(({ args }) => isDisabled(args));
    if (off !== undefined)
      return finding("not-enforced", [evidence(off.node, "has --disable-network-policy")]);
    const [server] = servers;
    if (server === undefined) {
      const says = `of no server among ${ours.length} nodes of k3s that were looked at, and only servers say`;
      return finding("unknown", [evidence(first, says)]);
    }
    const says = "a server without --disable-network-policy: its agents enforce policies";
    const caveat =
      "k3s leaves its policy controller out, with no more than a line in its log, on nodes whose kernel lacks ipset.";
    return finding("enforced", [evidence(server.node, says)], [caveat]);
  },
};

const annotation = "k3s.io/node-args";

/** The arguments that k3s was started with, those of its configuration file among them; undefined where they cannot be read. */
function argsOf({ annotations }: NodeFacts): readonly string[] | undefined {
  try {
    const parsed: unknown = JSON.parse(annotations.get(annotation) ?? "");
    return Array.isArray(parsed) ? parsed.map(String) : undefined;
  } catch {
    return undefined;
  }
}

/** `--disable-network-policy`, with its value joined by `=` or, from a configuration file, in the next place. */
function isDisabled(args: readonly string[]): boolean {
  const name = "--disable-network-policy";
  return args.some((arg, index) => {
    if (arg === name) return boolOf(args[index + 1]) ?? true;
    return arg.startsWith(`${name}=`) && boolOf(arg.slice(name.length + 1)) !== false;
  });
}

function evidence({ name }: NodeFacts, says: string): Evidence {
  return { object: `Node ${name}`, field: `metadata.annotations[${annotation}]`, says };
}
