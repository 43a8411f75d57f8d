import { mutating, validating, type Deciding } from "#src/admission/decide.ts";
import { respond, type Webhook } from "#src/admission/respond.ts";
import { patched } from "#src/engine/patched.ts";
import type { Subject } from "#src/model/subject.ts";
import type { JsonPatchOperation } from "#src/wire/json-patch.ts";
import { nothingAdmitted } from "../support/decisions.ts";
import { parsed, partsOf } from "./clusters.ts";
import { askQuestions } from "./questions.ts";
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

/** The questions that no rule asks cost more than a review: they are asked of some objects. */
const questionsEvery = 10;

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
      return await this.#answer(index, body, { ...parts, admitted: nothingAdmitted() });
    } catch (error) {
      throw new FuzzFailure(index, body, error);
    }
  }

  async #answer(index: number, body: Buffer, parts: Deciding): Promise<Outcome> {
    const subject = parsed(body, parts);
    if (subject === undefined) return "refused";
    if (subject.subresource !== undefined) return "allowed";
    const validated = await this.#ask(subject, "validate", parts);
    const mutated = await this.#ask(subject, "mutate", parts);
    if (subject.kind === "NetworkPolicy" && index % questionsEvery === 0) askQuestions(subject, parts.view);
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
