import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { sumOf } from "../test/control-plane/metrics.ts";
import { startSandbox, type Sandbox } from "../test/control-plane/sandbox.ts";
import {
  configuration,
  declarations,
  declare,
  makeNeighbours,
  manifests as intents,
  playedText,
} from "../test/e2e/companions/declared.ts";
import { transcript, type Typed } from "../test/support/transcript.ts";
import { root } from "./support/run-tool.ts";
import { runScript, UsageError } from "./support/script.ts";

const help = `usage: npm run demo

Shows the gate with a real Kubernetes control plane and the real kubectl, as a tenant sees it: four manifests, the command,
and exactly what kubectl printed; then two namespaces that say what they need, the policies that appear in them, and who
reaches whom. Takes about a minute once the programs of the control plane are built. Exits 1 where
anything differs from what is announced (the golden texts of the tests). Nothing is left behind.
`;

/** Manifests and texts are those of the end-to-end tests. */
const manifests = join(root, "test/e2e/scenarios");
const golden = join(root, "test/e2e/golden");

interface Step {
  readonly title: string;
  /** What will be seen, and why. */
  readonly announced: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Applied one after the other. */
  readonly files: readonly string[];
  /** The expected text, a file of test/e2e/golden. */
  readonly golden: string;
  /** What else there is to see. */
  readonly besides?: (sandbox: Sandbox, namespace: string) => Promise<readonly string[]>;
}

const enforced = { "ringfence.dev/enforce": "baseline" };

const steps: readonly Step[] = [
  {
    title: "An egress default deny, alone",
    announced:
      "denied: the pods of the namespace could not even resolve a name. The text says what to apply first.",
    namespace: "shop",
    labels: enforced,
    files: ["g01-egress-default-deny.yaml"],
    golden: "g01-egress-default-deny.txt",
  },
  {
    title: "The DNS allow first, then the same default deny",
    announced: "both applied: it is the set of policies that is judged, not the one object.",
    namespace: "shop",
    labels: enforced,
    files: ["g02-dns-allow-first.yaml", "g01-egress-default-deny.yaml"],
    golden: "g02-dns-allow-first.txt",
  },
  {
    title: "One dash too many",
    announced:
      "denied with three findings: two selectors that are OR-ed, one that matches no namespace, and so no DNS.",
    namespace: "billing",
    labels: enforced,
    files: ["g06-or-ed-selectors.yaml"],
    golden: "g06-or-ed-selectors.txt",
  },
  {
    title: "The default deny in a namespace that only warns and audits",
    announced: "applied, with a warning; an audit annotation and a metric remember it.",
    namespace: "lab",
    labels: { "ringfence.dev/warn": "baseline", "ringfence.dev/audit": "baseline" },
    files: ["g01-egress-default-deny.yaml"],
    golden: "g11-warn-and-audit.txt",
    besides: auditAndMetric,
  },
];

interface DeclaredStep {
  readonly title: string;
  readonly announced: string;
  /** The declaration, and its golden file without its ending. */
  readonly name: keyof typeof declarations;
  /** Of who reaches whom what is shown, `from -> to`. */
  readonly shown: readonly (readonly [from: string, to: string])[];
}

const declaredSteps: readonly DeclaredStep[] = [
  {
    title: "A namespace that says what it needs",
    announced: "four policies appear in it, DNS first: nobody wrote them, and nobody has to keep them.",
    name: "c01-namespace-isolation",
    shown: [
      ["ingress-nginx/controller", "isolated/web"],
      ["isolated/web", "sys-postgres/postgres"],
      ["isolated/web", "isolated/worker"],
      ["isolated/web", "internet"],
    ],
  },
  {
    title: "Three tiers",
    announced:
      "seven policies: both sides of each edge. The database has one way in, and the frontend has none to it.",
    name: "c03-three-tiers",
    shown: [
      ["three-tiers/frontend", "three-tiers/backend"],
      ["three-tiers/backend", "three-tiers/postgres"],
      ["three-tiers/frontend", "three-tiers/postgres"],
    ],
  },
];

const next = `
What to try next:
  npm run sandbox                                 a shell with this control plane, for manifests of your own
  npm run sandbox -- kubectl get namespaces       or one command
  docs/tasks/declare-an-intent.md                 what a namespace may say that it needs
  docs/rules/                                     every rule with what it denies and what to write instead
`;

await runScript(help, async (args) => {
  if (args.length > 0) throw new UsageError("the demo takes no arguments");
  const started = Date.now();
  const sandbox = await startSandbox({ ringfence: { config: configuration } });
  const count = steps.length + declaredSteps.length;
  let wrong = 0;
  try {
    for (const [index, step] of steps.entries()) {
      if (!(await show(sandbox, step, `${index + 1}/${count}`))) wrong += 1;
    }
    await makeNeighbours(sandbox.controlPlane);
    for (const [index, step] of declaredSteps.entries()) {
      if (!(await showDeclared(sandbox, step, `${steps.length + index + 1}/${count}`))) wrong += 1;
    }
  } finally {
    await sandbox.stop();
  }
  const seconds = ((Date.now() - started) / 1_000).toFixed(0);
  if (wrong > 0) {
    print(`\n${wrong} of ${count} steps went otherwise than announced (${seconds} s).`);
    return 1;
  }
  print(`\nAll ${count} steps went as announced (${seconds} s). The control plane is gone again.`);
  print(next);
  return 0;
});

/** Shows one step; false where it went otherwise than announced. */
async function show(sandbox: Sandbox, step: Step, number: string): Promise<boolean> {
  print(`\n${heading(`${number}  ${step.title}`)}\n`);
  const labels = Object.entries(step.labels).map(([key, value]) => `${key}=${value}`);
  print(`Namespace ${step.namespace} with ${labels.join(", ")}; kubectl runs as tom, a tenant.`);
  print(`Announced: ${step.announced}\n`);
  await makeNamespace(sandbox, step);
  const typed: Typed[] = [];
  for (const file of step.files) {
    print(await essence(file));
    const seen = await apply(sandbox, step.namespace, file);
    print(transcript(seen));
    typed.push(seen);
  }
  const besides = (await step.besides?.(sandbox, step.namespace)) ?? [];
  if (besides.length > 0) print(`${besides.join("\n")}\n`);
  const expected = await readFile(join(golden, step.golden), "utf8");
  const actual = transcript(...typed).replaceAll(new RegExp(`\\b${step.namespace}\\b`, "g"), "shop");
  if (actual !== expected) {
    print(`This is not what was announced, which is (test/e2e/golden/${step.golden}):\n\n${expected}`);
    return false;
  }
  if (step.besides !== undefined && besides.length === 0) {
    print("This is not what was announced: the audit annotation or the metric is missing.");
    return false;
  }
  return true;
}

/** The same for a namespace that declares an intent. */
async function showDeclared(sandbox: Sandbox, step: DeclaredStep, number: string): Promise<boolean> {
  const declaration = declarations[step.name];
  print(`\n${heading(`${number}  ${step.title}`)}\n`);
  print(`Announced: ${step.announced}\n`);
  const manifest = (await readFile(join(intents, declaration.file), "utf8")).trimEnd().split("\n");
  print(manifest.map((line) => `    ${line}`).join("\n") + "\n");
  const played = await declare(sandbox.controlPlane, declaration);
  print(transcript(played.applied, played.listed));
  const pairs = step.shown.map(([from, to]) => new RegExp(`^${from} +-> ${to} `));
  const lines = played.reach.split("\n").filter((line) => pairs.some((pair) => pair.test(line)));
  print(`Who reaches whom, on 8080, 9090 and 5432 over TCP and 53 over UDP (a part):`);
  print(`${lines.map((line) => `    ${line}`).join("\n")}\n`);
  const expected = await readFile(join(golden, `${step.name}.txt`), "utf8");
  if (playedText(played) === expected && lines.length === step.shown.length) return true;
  print(`This is not what was announced, which is (test/e2e/golden/${step.name}.txt):\n\n${expected}`);
  return false;
}

async function makeNamespace(sandbox: Sandbox, { namespace, labels }: Step): Promise<void> {
  const { admin } = sandbox.controlPlane.api;
  const path = `/api/v1/namespaces/${namespace}`;
  if ((await admin.send("GET", path)).status === 200) return;
  const body = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels } };
  await admin.expect("POST", "/api/v1/namespaces", { body });
}

async function apply(sandbox: Sandbox, namespace: string, file: string): Promise<Typed> {
  const args = ["-n", namespace, "apply", "-f", file];
  const result = await sandbox.controlPlane.kubectl(args, { as: "tenant", cwd: manifests });
  return { ...result, command: ["kubectl", ...args].join(" ") };
}

/** The manifest without what every manifest has. */
async function essence(file: string): Promise<string> {
  const lines = (await readFile(join(manifests, file), "utf8")).trimEnd().split("\n");
  const said = lines.filter((line) => line.startsWith("# "));
  const spec = lines.slice(lines.indexOf("spec:"));
  return [...said, ...spec].map((line) => `    ${line}`).join("\n") + "\n";
}

/** The annotation in the API server's audit log and the sample in Ringfence's metrics; empty where one is missing. */
async function auditAndMetric(sandbox: Sandbox, namespace: string): Promise<readonly string[]> {
  const filter = { verb: "create", resource: "networkpolicies", namespace };
  const { annotations } = await sandbox.controlPlane.audit.event(filter);
  const key = "validate.ringfence.dev/audit-violations";
  const violations = annotations?.[key];
  const metric = "ringfence_rule_findings_total";
  const labels = { rule: "missing-dns-egress", mode: "audit" };
  const count = sumOf(await sandbox.ringfence.metrics(metric), metric, labels);
  if (violations === undefined || count === 0) return [];
  return [
    "In the API server's audit log:",
    `    ${key}: ${violations}`,
    "In the metrics of Ringfence:",
    `    ${metric}{rule="${labels.rule}",mode="${labels.mode}",…} ${count}`,
  ];
}

function heading(text: string): string {
  const bold = process.stdout.isTTY && process.env.NO_COLOR === undefined;
  return bold ? `\u001b[1m${text}\u001b[0m` : `== ${text}`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
