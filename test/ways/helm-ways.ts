import { Helm, type HelmProgram } from "./helm.ts";
import type { Place } from "./place.ts";
import {
  bad,
  changed,
  denyFirst,
  denyWithDns,
  good,
  lone,
  namesOf,
  only,
  renamed,
  withoutDns,
  type PolicySet,
} from "./sets.ts";
import type { Tool, Way } from "./way.ts";

/** How a Helm writes: its program and the verb by which it creates, as the API server has it. */
interface Variant {
  readonly tool: Tool;
  readonly program: HelmProgram;
  readonly creates: "create" | "patch";
}

const variants: readonly Variant[] = [
  { tool: "Helm 3", program: "helm3", creates: "create" },
  { tool: "Helm 4", program: "helm4", creates: "patch" },
];

/** The ways of Helm, given the folder of its programs. */
export function helmWays(programs: string): readonly Way[] {
  return [
    ...variants.flatMap((variant) => [...installing(variant, programs), ...changing(variant, programs)]),
    ...oneByOne(programs),
  ];
}

/** One release: each set is installed or upgraded to in its turn, then the rest is run. */
interface Release {
  readonly sets: readonly PolicySet[];
  readonly then?: readonly string[];
  /** Whether the chart has the Deployments too. */
  readonly workloads?: boolean;
  readonly flags?: readonly string[];
}

/** Plays the life of a release; whether its last command ended well. */
function release(
  programs: string,
  program: HelmProgram,
  { sets, then, workloads = false, flags = [] }: Release,
) {
  return async (place: Place): Promise<boolean> => {
    const helm = new Helm(programs, program, place);
    let ended = true;
    for (const [index, set] of sets.entries()) {
      await helm.setChart(set, workloads);
      ended = await helm.run(index === 0 ? "install" : "upgrade", "shop", "chart", ...flags);
    }
    return then === undefined ? ended : await helm.run(...then);
  };
}

const badOnChange = ["patch monitoring: or-ed-selectors", "patch postgres: allow-all-ingress"];
const onlyIngress = only(good, "monitoring", "postgres");

function installing({ tool, program, creates }: Variant, programs: string): readonly Way[] {
  const install = (set: PolicySet): Way["play"] => release(programs, program, { sets: [set] });
  return [
    {
      tool,
      way: "install",
      set: "good",
      play: install(good),
      succeeds: true,
      refused: [],
      stands: good,
      because: "Helm creates all policies at once; what the DNS allow cures is held until it is there",
    },
    {
      tool,
      way: "install",
      set: "good, deny first",
      play: install(denyFirst),
      succeeds: true,
      refused: [],
      stands: denyFirst,
      because: "policies of one release have no order",
    },
    {
      tool,
      way: "install",
      set: "bad",
      play: install(bad),
      succeeds: false,
      refused: [`${creates} monitoring: or-ed-selectors`, `${creates} postgres: allow-all-ingress`],
      stands: only(bad, "allow-dns", "default-deny"),
      because: "each refused policy breaks a rule by itself; the release is marked as failed",
    },
    {
      tool,
      way: "install",
      set: "without DNS",
      play: install(withoutDns),
      succeeds: false,
      refused: ["backend", "default-deny", "frontend"].map(
        (name) => `${creates} ${name}: missing-dns-egress`,
      ),
      stands: only(withoutDns, "monitoring", "postgres"),
      because: "nothing comes that would let DNS out",
    },
  ];
}

function changing({ tool, program, creates }: Variant, programs: string): readonly Way[] {
  const play = (sets: readonly PolicySet[], rest: Omit<Release, "sets"> = {}): Way["play"] =>
    release(programs, program, { sets, ...rest });
  return [
    {
      tool,
      way: "upgrade",
      set: "good, then changed",
      play: play([good, changed], { workloads: true }),
      succeeds: true,
      refused: [],
      stands: changed,
      because: "Helm creates and changes first and deletes last",
    },
    {
      tool,
      way: "upgrade",
      set: "good, then renamed",
      play: play([good, renamed], { workloads: true }),
      succeeds: true,
      refused: [],
      stands: renamed,
      because: "the new default deny stands before the old one goes",
    },
    {
      tool,
      way: "upgrade",
      set: "default deny alone, then renamed",
      play: play([lone("default-deny"), lone("isolate-all")], { workloads: true }),
      succeeds: true,
      refused: [],
      stands: lone("isolate-all"),
      because: "Helm deletes last",
    },
    {
      tool,
      way: "upgrade",
      set: "ingress only, then good, deny first",
      play: play([onlyIngress, denyFirst]),
      succeeds: false,
      refused: [`${creates} 00-default-deny: missing-dns-egress`],
      stands: onlyIngress,
      because: "an upgrade goes one by one and stops at the first policy that it may not create: see below",
    },
    {
      tool,
      way: "upgrade",
      set: "ingress only, then deny that lets DNS out",
      play: play([onlyIngress, denyWithDns]),
      succeeds: true,
      refused: [],
      stands: denyWithDns,
      because: "one object isolates and lets DNS out, and sorts first",
    },
    {
      tool,
      way: "upgrade",
      set: "good, then bad",
      play: play([good, bad]),
      succeeds: false,
      refused: badOnChange,
      stands: good,
      because: "what stood stays as it was, and nothing is deleted",
    },
    {
      tool,
      way: "rollback",
      set: "good, then changed, back to good",
      play: play([good, changed], { then: ["rollback", "shop", "1"], workloads: true }),
      succeeds: true,
      refused: [],
      stands: good,
      because: "as an upgrade",
    },
    {
      tool,
      way: "rollback after a refused upgrade",
      set: "good, then bad, back to good",
      play: play([good, bad], { then: ["rollback", "shop", "1"], workloads: true }),
      succeeds: true,
      refused: badOnChange,
      stands: good,
      because: "the way back is open",
    },
    {
      tool,
      way: "uninstall, with the Deployments",
      set: "good",
      play: play([good], { then: ["uninstall", "shop"], workloads: true }),
      succeeds: true,
      refused: [],
      stands: [],
      because: "Helm deletes workloads before policies: their pods are on their way out",
    },
    {
      tool,
      way: "uninstall",
      set: "good, pods of others running",
      workloads: true,
      play: play([good], { then: ["uninstall", "shop"] }),
      succeeds: true,
      refused: namesOf(good).map((name) => `delete ${name}: last-isolating-policy-deletion`),
      byChance: "outcome",
      stands: [],
      because:
        "Helm deletes all policies at once: those that are judged while others still stand are not the last ones",
    },
  ];
}

/** Without server-side apply Helm 4 creates one object after the other, and leaves to chance which. */
function oneByOne(programs: string): readonly Way[] {
  const flags = ["--server-side=false"];
  const cutOff = ["backend", "default-deny", "frontend"].map((name) => `create ${name}: missing-dns-egress`);
  return [
    {
      tool: "Helm 4",
      way: "install --server-side=false, then upgrade",
      set: "good",
      play: release(programs, "helm4", { sets: [good, good], flags }),
      succeeds: true,
      refused: cutOff,
      byChance: "refusals",
      stands: good,
      because: "Helm creates one by one in an order of chance; the upgrade brings what was left out",
    },
  ];
}
