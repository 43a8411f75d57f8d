/**
 * Who may import whom (docs: architecture). Types count: tsPreCompilationDeps.
 * `layer(name, …)` forbids everything under src/ that is not named.
 */
const layer = (name, ...allowed) => ({
  name: `layer-${name.replaceAll("/", "-")}`,
  severity: "error",
  comment: `src/${name} may import: ${allowed.join(", ") || "nothing"}`,
  from: { path: `^src/${name}/` },
  to: {
    path: "^src/",
    pathNot: [name, ...allowed].map((a) => (a.endsWith(".ts") ? `^src/${a}$` : `^src/${a}/`)),
  },
});

module.exports = {
  forbidden: [
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    {
      name: "no-orphans",
      severity: "error",
      from: { orphan: true, path: "^src/" },
      to: {},
    },
    {
      name: "client-node-only-in-kubernetes",
      severity: "error",
      from: { pathNot: "^src/kubernetes/" },
      to: { path: "node_modules/@kubernetes/client-node" },
    },
    { name: "src-imports-src", severity: "error", from: { path: "^src/" }, to: { path: "^(test|scripts)/" } },
    layer("wire"),
    layer("network", "wire"),
    layer("document", "model/finding.ts", "model/near.ts"),
    layer("intent", "network", "wire", "document"),
    layer("model", "network", "wire", "intent"),
    layer("rules", "model", "network", "intent", "wire"),
    layer("engine", "model", "network", "intent", "wire", "errors.ts"),
    layer("view", "model", "network", "intent", "wire", "errors.ts"),
    layer("kubernetes", "wire", "errors.ts"),
    layer("admission", "model", "engine", "view", "wire", "errors.ts", "by-values.ts"),
    layer("companions", "model", "intent", "network", "view", "wire", "errors.ts"),
    layer("config", "model", "rules/index.ts", "intent", "document", "errors.ts"),
    layer("doctor", "model", "network", "wire", "config", "errors.ts"),
    layer("server", "wire", "errors.ts"),
    layer("certificates", "wire", "errors.ts"),
    layer("telemetry", "wire", "errors.ts", "by-values.ts"),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default"] },
  },
};
