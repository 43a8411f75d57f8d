import { mutating, validating, type Deciding } from "#src/admission/decide.ts";
import { respond, type Webhook } from "#src/admission/respond.ts";
import { parseReview } from "#src/admission/review.ts";
import { patched } from "#src/engine/patched.ts";
import { RingfenceError } from "#src/errors.ts";
import type { Settings } from "#src/model/settings.ts";
import type { Subject } from "#src/model/subject.ts";
import { Interner } from "#src/network/interner.ts";
import { createAdmitted } from "#src/view/admitted.ts";
import type { LiveView } from "#src/view/live-view.ts";
import type { JsonPatchOperation } from "#src/wire/json-patch.ts";
import type { NetworkPolicy } from "#src/wire/network-policy.ts";
import { decidingOn } from "../support/decisions.ts";
import { asking } from "../support/fixture-requests.ts";
import { cluster } from "../support/fixtures.ts";
import { settingsWith } from "../support/settings.ts";
import { viewFromObjects } from "../support/view-from-objects.ts";
import { Random } from "./random.ts";
import { randomReview } from "./reviews.ts";

/** What became of one object. */
export type Outcome = "refused" | "allowed" | "denied" | "patched";

/** An object that was not answered as it must be: a bug of ours. */
export class FuzzFailure extends Error {
  readonly body: Buffer;

  constructor(index: number, body: Buffer, cause: unknown) {
    super(`object ${index}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.body = body;
  }
}

/** So many objects are judged in one cluster; each block has another. */
const blockSize = 1_000;

/**
 * Takes objects one after the other through both webhooks: parse, compile, evaluate, respond. Object and cluster depend
 * on the seed and the index alone, so that one object can be run again by itself.
 */
export class Fuzz {
  readonly #seed: number;
  #block: { index: number; parts: Deciding } | undefined;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** @throws FuzzFailure where something threw, a rule failed or an answer cannot be read. */
  async run(index: number): Promise<Outcome> {
    const body = randomReview(new Random(this.#seed, index));
    try {
      const parts = this.#partsOf(Math.floor(index / blockSize));
      return await this.#answer(body, { ...parts, admitted: createAdmitted({ now: () => 0 }) });
    } catch (error) {
      throw new FuzzFailure(index, body, error);
    }
  }

  async #answer(body: Buffer, parts: Deciding): Promise<Outcome> {
    const subject = parsed(body, parts);
    if (subject === undefined) return "refused";
    if (subject.subresource !== undefined) return "allowed";
    const validated = await this.#ask(subject, "validate", parts);
    const mutated = await this.#ask(subject, "mutate", parts);
    if (mutated.patch !== undefined) return "patched";
    return validated.allowed ? "allowed" : "denied";
  }

  async #ask(subject: Subject, webhook: Webhook, parts: Deciding) {
    const decide = webhook === "validate" ? validating(parts) : mutating(parts);
    const verdict = await decide(subject, never);
    const [failed] = verdict.failed;
    if (failed !== undefined) throw new Error(`rule ${failed.rule} failed`, { cause: failed.error });
    checkAnswer(respond(subject, verdict, webhook), subject);
    return verdict;
  }

  #partsOf(index: number): Deciding {
    if (this.#block?.index !== index)
      this.#block = { index, parts: partsOf(new Random(this.#seed, -1 - index)) };
    return this.#block.parts;
  }
}

const never = { signal: new AbortController().signal };

/** `undefined` where it is no review, which is an answer as well: HTTP 400. */
function parsed(body: Buffer, parts: Deciding): Subject | undefined {
  try {
    return parseReview(body, parts.engine.compile);
  } catch (error) {
    if (error instanceof RingfenceError && error.code === "RF_ERR_REVIEW") return undefined;
    throw error;
  }
}

/** The answer as kube-apiserver reads it: for this request, and a patch that applies to the object that was sent. */
function checkAnswer(text: string, subject: Subject): void {
  const { response } = JSON.parse(text) as { response: { uid: string; allowed: boolean; patch?: string } };
  if (response.uid !== subject.uid || typeof response.allowed !== "boolean")
    throw new Error("no answer to this request");
  if (!text.isWellFormed()) throw new Error("the answer holds an unpaired surrogate");
  if (response.patch === undefined) return;
  const patch = JSON.parse(Buffer.from(response.patch, "base64").toString()) as JsonPatchOperation[];
  // Numbers that JSON cannot write are none that an API server sends.
  patched(JSON.parse(JSON.stringify(subject.object ?? {})) as object, patch);
}

/** A cluster with a few random policies besides what stands under every fixture, and settings of every kind. */
function partsOf(random: Random): Deciding {
  const settings = settingsOf(random);
  const interner = new Interner();
  const profile = random.pick(["baseline", "restricted"] as const);
  const view = viewFromObjects(
    cluster.map((object) => asking(profile, object)),
    { interner, settings },
  );
  const parts = {
    ...decidingOn(view, settings),
    // The time is not what is looked for here, and must not decide on a slow machine.
    clock: () => 0,
  };
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
    enforcement: random.pick(["on", "on", "on", "warn", "off"]),
    operators: random.pick([undefined, { users: new Set<string>(), groups: new Set(["platform"]) }]),
    waivable: new Set(random.chance(0.5) ? ["missing-dns-egress"] : []),
    ...(random.chance(0.2) ? { limits: { rules: 1, peers: 1, ports: 1, requirements: 1 } } : {}),
  });
}
