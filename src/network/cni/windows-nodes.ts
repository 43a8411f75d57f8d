// Windows nodes: most plugins have no agent for them.

import { finding } from "./agents.ts";
import type { Plugin } from "./plugin.ts";

export const windowsNodes: Plugin = {
  id: "windows-nodes",
  title: "Windows nodes",
  gives: ["no-say"],
  find: ({ nodes }) => {
    const windows = nodes.filter(
      ({ labels, operatingSystem }) =>
        operatingSystem === "windows" || labels.get("kubernetes.io/os") === "windows",
    );
    const [first] = windows;
    if (first === undefined) return undefined;
    const says = `${windows.length} of the ${nodes.length} nodes looked at run Windows`;
    return finding(
      "no-say",
      [{ object: `Node ${first.name}`, field: "status.nodeInfo.operatingSystem", says }],
      [
        "Pods on Windows nodes are policed only where the plugin has an agent for Windows that runs there (Calico, Antrea, Azure NPM).",
      ],
    );
  },
};
