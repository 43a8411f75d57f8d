// Every line of the sheet of platforms, as test/fixtures/facts/dns-sheet.yaml writes it down: what missing-dns-egress says
// there about a policy, and that the rule which `generate dns` prints for the platform passes.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { dnsRule } from "#src/network/dns-rule.ts";
import { Interner } from "#src/network/interner.ts";
import type {
  NetworkPolicyEgressRule,
  NetworkPolicyPeer,
  NetworkPolicyPort,
} from "#src/wire/network-policy.ts";
import { validate } from "../support/decisions.ts";
import { asking } from "../support/fixture-requests.ts";
import { fixturesDirectory, filesIn } from "../support/fixtures.ts";
import { readObjects } from "../support/objects.ts";
import { settingsWith } from "../support/settings.ts";
import { viewFromObjects } from "../support/view-from-objects.ts";

const settings = settingsWith({ curableHold: 0 });
const recorded = (platform: string) =>
  readObjects(join(fixturesDirectory, "facts", "dns", `${platform}.yaml`));
const profileOf = (platform: string) =>
  viewFromObjects(recorded(platform), { interner: new Interner(), settings }).dns;

const sheet = z
  .array(
    z.strictObject({
      line: z.string(),
      on: z.string(),
      to: z.array(z.union([z.string(), z.object({ namespaceSelector: z.any() })])).optional(),
      ports: z.array(z.union([z.int(), z.string()])).optional(),
      said: z.string(),
      write: z.string().optional(),
    }),
  )
  .parse(parse(readFileSync(join(fixturesDirectory, "facts", "dns-sheet.yaml"), "utf8")));

function peerOf(written: string): NetworkPolicyPeer {
  const [namespace, ...rest] = written.split("/");
  if (rest.length === 0) return { ipBlock: { cidr: `${written}/32` } };
  const [key = "", value = ""] = rest.join("/").split("=");
  return {
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace ?? "" } },
    podSelector: { matchLabels: { [key]: value } },
  };
}

function portsOf(written: string | number): NetworkPolicyPort[] {
  const [text = "", protocol] = String(written).split("/");
  const port = /^\d+$/.test(text) ? Number(text) : text;
  return (protocol === undefined ? ["UDP", "TCP"] : [protocol]).map((each) => ({ protocol: each, port }));
}

/** What the rule says of such a policy: the effect and which of its messages; and the whole denial. */
async function judged(platform: string, egress: readonly NetworkPolicyEgressRule[]) {
  const object = {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "egress", namespace: "shop" },
    spec: { podSelector: {}, policyTypes: ["Egress"], egress },
  };
  const cluster = recorded(platform).map((one) => asking("baseline", one));
  const verdict = await validate({ cluster, operation: "CREATE", object, settings });
  const found = verdict.findings.filter(({ rule }) => rule.id === "missing-dns-egress");
  const said = found.map(({ effect, finding }) => `${effect} ${finding.message}`);
  return { said: said.length === 0 ? "passes" : said.join(", "), message: verdict.message ?? "" };
}

it.each(sheet.map((each) => [each.on, each.line, each] as const))(
  "%s: %s",
  async (_on, _line, { on, to, ports = [], said, write = "" }) => {
    const peers = to?.map((peer) => (typeof peer === "string" ? peerOf(peer) : peer));
    const opens = peers === undefined ? [] : [{ to: peers, ports: ports.flatMap(portsOf) }];
    const answer = await judged(on, opens);
    expect(answer.said).toBe(said);
    expect(answer.message).toContain(write);
  },
);

it("kube-dns' own side, ingress from the nodes, is no matter of egress: that it is closed is said, and no more", async () => {
  const object = {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "kube-dns", namespace: "kube-system" },
    spec: { podSelector: { matchLabels: { "k8s-app": "kube-dns" } }, policyTypes: ["Ingress"] },
  };
  const cluster = recorded("kubeadm").map((one) => asking("restricted", one));
  const verdict = await validate({ cluster, operation: "CREATE", object, settings });
  expect(verdict.allowed).toBe(true);
  expect(verdict.findings.map(({ rule }) => rule.id)).toEqual([
    "dns-server-ingress-blocked",
    "system-namespace-policy",
  ]);
});

const platforms = [...new Set(sheet.map(({ on }) => on))];

it("every recorded cluster has a case", () => {
  const files = filesIn("facts", "dns").map((path) => path.replace(/^.*\/(.*)\.yaml$/, "$1"));
  expect(platforms.toSorted()).toEqual(files.toSorted());
});

describe("the rule that generate dns prints", () => {
  it.each(platforms.filter((platform) => profileOf(platform).known))("passes on %s", async (platform) => {
    const rule = dnsRule(profileOf(platform));
    expect(await judged(platform, rule === undefined ? [] : [rule])).toMatchObject({ said: "passes" });
  });
});

it("what is found on each platform, with its evidence", async () => {
  const found = platforms.map((on) => {
    const profile = profileOf(on);
    const kinds = profile.known ? profile.resolvers.map(({ kind }) => kind).join(", ") : "unknown";
    const signs = profile.signs.map(({ object, field, says }) => `- ${object}, ${field}: ${says}`);
    return [`# ${on}: ${kinds}`, profile.evidence, ...signs, ""].join("\n");
  });
  await expect(found.join("\n")).toMatchFileSnapshot("golden/dns-profiles.txt");
});
