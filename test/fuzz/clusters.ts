import type { Deciding } from "#src/admission/decide.ts";
import { parseReview } from "#src/admission/review.ts";
import { RingfenceError } from "#src/errors.ts";
import type { Settings } from "#src/model/settings.ts";
import type { Subject } from "#src/model/subject.ts";
import { Interner } from "#src/network/interner.ts";
import type { LiveView } from "#src/view/live-view.ts";
import type { NetworkPolicy } from "#src/wire/network-policy.ts";
import { behindRoutes, ingressControllers } from "../support/behind-routes.ts";
import { decidingOn, timeStandsStill } from "../support/decisions.ts";
import { asking } from "../support/fixture-requests.ts";
import { cluster } from "../support/fixtures.ts";
import { settingsWith } from "../support/settings.ts";
import { viewFromObjects } from "../support/view-from-objects.ts";
import { Objects } from "./objects.ts";
import type { Random } from "./random.ts";
import { randomReview } from "./reviews.ts";

/** `undefined` where it is no review, which is an answer as well: HTTP 400. */
export function parsed(body: Buffer, parts: Pick<Deciding, "engine">): Subject | undefined {
  try {
    return parseReview(body, parts.engine.compile);
  } catch (error) {
    if (error instanceof RingfenceError && error.code === "RF_ERR_REVIEW") return undefined;
    throw error;
  }
}

/** A cluster with a few random policies and pods besides what stands under every fixture, and settings of every kind. */
export function partsOf(random: Random): Deciding {
  const settings = settingsOf(random);
  const interner = new Interner();
  const profile = random.pick(["baseline", "restricted"] as const);
  const view = viewFromObjects(
    [...cluster, ...behindRoutes].map((object) => asking(profile, object)),
    { interner, settings },
  );
  const parts = { ...decidingOn(view, settings), ...timeStandsStill };
  const objects = new Objects(random, 0);
  for (let i = random.below(8); i > 0; i -= 1) view.handlers.pods.upsert(objects.pod(`random-${i}`, "shop"));
  for (let i = random.below(6); i > 0; i -= 1) store(view, parsed(randomReview(random), parts));
  return parts;
}

function store(view: LiveView, subject: Subject | undefined): void {
  if (subject?.kind !== "NetworkPolicy" || subject.object === undefined) return;
  const { metadata, ...rest } = subject.object;
  const stored: NetworkPolicy = {
    ...rest,
    metadata: { ...metadata, namespace: "shop", name: metadata.name ?? "x" },
  };
  view.handlers.networkpolicies.upsert(stored);
}

function settingsOf(random: Random): Settings {
  return settingsWith({
    curableHold: 0,
    ingressControllers: random.chance(0.5) ? ingressControllers : [],
    enforcement: random.pick(["on", "on", "on", "warn", "off"]),
    operators: random.pick([undefined, { users: new Set<string>(), groups: new Set(["platform"]) }]),
    waivable: new Set(random.chance(0.5) ? ["missing-dns-egress"] : []),
    ...(random.chance(0.2) ? { limits: { rules: 1, peers: 1, ports: 1, requirements: 1 } } : {}),
  });
}
