import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { intentKeys } from "#src/intent/keys.ts";
import { platformDns } from "#src/network/dns/by-platform.ts";
import { run } from "./run.ts";

const golden = (name: string) => `golden/${name}.txt`;

/** Command lines, of which the golden files hold all that they print. */
const commands: Readonly<Record<string, readonly string[]>> = {
  "namespace-isolation": [
    "--deny-all",
    "--allow-intra-namespace",
    "--allow-egress-to-namespaces",
    "sys-postgres",
  ],
  "ingress-alone": ["--deny-all={ingress: true}", "--allow-ingress-from-cidrs", "203.0.113.0/24"],
  "without-dns": ["--deny-all", "--allow-dns=false"],
  tiers: [
    "--deny-all",
    "--connections",
    "{from: {app: frontend}, to: {app: backend}, ports: [8080/TCP]}",
    "--connections",
    "{from: {app: backend}, to: {namespace: data, pods: {app: postgres}}, ports: [5432/TCP]}",
  ],
  tenant: ["--tenant", "example.com/customer", "--namespace-label", "example.com/customer=red"],
  "what-comes-to-nothing": [
    "--allow-ingress-from-ingress",
    "--allow-monitoring={ports: [metrics]}",
    "--allow-kube-api",
    "--egress-proxy",
    "--tenant=example.com/customer",
  ],
  openshift: ["--deny-all={egress: true}", "--dns-profile", "openshift"],
};

test.each(Object.entries(commands))("%s: what an intent in flags prints", async (name, flags) => {
  const { code, stdout, stderr } = await run("generate", "-n", "shop", ...flags);
  expect(code, stderr).toBe(0);
  await expect(`${stderr}${stderr === "" ? "" : "\n"}${stdout}`).toMatchFileSnapshot(
    golden(`generate.${name}`),
  );
});

test("the help names a flag for every key of an intent", async () => {
  const { code, stdout } = await run("generate", "--help");
  expect(code).toBe(0);
  const flags = stdout.match(/^ {2}--[a-z-]+(?= )/gm)?.map((flag) => flag.replaceAll(/[ -]/g, "")) ?? [];
  for (const key of Object.keys(intentKeys.shape)) expect(flags).toContain(key.toLowerCase());
  await expect(stdout).toMatchFileSnapshot(golden("generate.help"));
});

test("the same in flags and in the annotation prints the same", async () => {
  const annotation =
    "denyAll: true\nallowEgressToNamespaces: [data, { namespace: logs, ports: [514/UDP] }]\n";
  const metadata = { name: "shop", annotations: { "ringfence.dev/network-policies": annotation } };
  const directory = mkdtempSync(join(tmpdir(), "ringfence-flags-"));
  onTestFinished(() => {
    rmSync(directory, { recursive: true });
  });
  const file = join(directory, "namespace.yaml");
  writeFileSync(file, JSON.stringify({ kind: "Namespace", metadata }));
  const items = ["data", "{namespace: logs, ports: [514/UDP]}"];
  const inFlags = items.flatMap((item) => ["--allow-egress-to-namespaces", item]);
  const { stdout } = await run("generate", "-n", "shop", "--deny-all", ...inFlags);
  expect(stdout).toContain("514");
  expect(stdout).toBe((await run("generate", "-f", file)).stdout);
});

test.each([
  [["-f", "x", "--deny-all"], "-f says what is needed; leave out --deny-all"],
  [
    ["--intent", "x", "-n", "shop", "--egress-proxy"],
    "--intent says what is needed; leave out --egress-proxy",
  ],
  [["-f", "x", "--namespace-label", "a=b"], "leave out --intent, -n and --namespace-label"],
  [["--deny-all"], "--deny-all needs the namespace that it is of; give -n NAMESPACE"],
  [
    ["-n", "shop"],
    "say what to generate: dns, -f FILE with Namespaces, --intent FILE, or flags such as --deny-all",
  ],
  [
    ["-n", "shop", "--deny-all=yes"],
    '--deny-all: "yes" must be true, false or a mapping such as {ingress: true}',
  ],
  [
    ["-n", "shop", "--deny-all={ingres: true}"],
    "--deny-all: ingres: is not known here, did you mean ingress?",
  ],
  [["-n", "shop", "--deny-all={ingress"], "--deny-all {ingress: cannot be read: "],
  [["-n", "shop", "--deny-all", "--deny-all=false"], "--deny-all is given twice"],
  [
    [
      "-n",
      "shop",
      "--allow-ingress-from-cidrs",
      "203.0.113.0/24",
      "--allow-ingress-from-cidrs",
      "203.0.113.7/24",
    ],
    '--allow-ingress-from-cidrs 203.0.113.7/24: "203.0.113.7/24" has bits behind the prefix; write 203.0.113.0/24',
  ],
  [
    ["-n", "shop", "--egress-proxy", "--allow-egress-to-cidrs", "8.8.8.0/24"],
    '--allow-egress-to-cidrs 8.8.8.0/24: "8.8.8.0/24" is an address range of the internet',
  ],
  [
    ["-n", "shop", "--deny-all=false", "--allow-monitoring"],
    "--allow-monitoring: closes the rest of ingress, and denyAll says that ingress is open",
  ],
  [["-n", "shop", "--tenant", "a b"], "--tenant: "],
  [["-n", "shop", "--tenant", "a/b", "--namespace-label", "a/b"], "Write KEY=VALUE."],
  [
    ["-n", "shop", "--connections", "frontend"],
    "--connections frontend: must be a mapping of keys to values",
  ],
  [["-n", "shop", "--deny-all", "--dns-profile", "bind"], "There are kube-dns, "],
  [["dns", "--deny-all"], "unknown option '--deny-all'"],
])("refuses %j", async (args, text) => {
  const { code, stdout, stderr } = await run("generate", ...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain(text);
});

test("a namespace whose name is a number is a name", async () => {
  const { code, stdout } = await run("generate", "-n", "shop", "--allow-egress-to-namespaces", "2024");
  expect(code).toBe(0);
  expect(stdout).toContain('kubernetes.io/metadata.name: "2024"');
});

const besides: Readonly<Record<string, readonly string[]>> = { "eks-auto-mode": ["--to", "10.100.0.10"] };

test.each(Object.keys(platformDns))("generate dns knows where %s answers", async (name) => {
  const { code, stdout, stderr } = await run(
    "generate",
    "dns",
    "--dns-profile",
    name,
    ...(besides[name] ?? []),
  );
  expect(code, stderr).toBe(0);
  await expect(`${stderr}${stderr === "" ? "" : "\n"}${stdout}`).toMatchFileSnapshot(
    golden(`generate.dns.${name}`),
  );
});

test("profiles and resolvers of one's own add up, and what only the cluster knows is asked for", async () => {
  const gke = ["--dns-profile", "gke-cloud-dns", "--dns-profile", "node-local-dns"];
  const { stdout, stderr } = await run("generate", "dns", ...gke, "--to", "10.96.0.10", "--port", "5353");
  expect(stderr).toBe("");
  for (const said of [
    "169.254.169.254/32",
    "169.254.20.10/32",
    "10.96.0.10/32",
    "k8s-app: kube-dns",
    "5353",
  ]) {
    expect(stdout).toContain(said);
  }
  expect((await run("generate", "dns", "--dns-profile", "eks-auto-mode")).stderr).toContain(
    "give it with --to",
  );
  const both = await run("generate", "dns", "--dns-profile", "kube-dns", "--config", "c.yaml");
  expect(both.stderr).toContain("give it, or --dns-profile, --to and --port");
});
