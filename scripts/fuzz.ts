// npm run fuzz: random objects through both webhooks.
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Fuzz, FuzzFailure, type Outcome } from "../test/fuzz/run.ts";
import { runScript, UsageError } from "./support/script.ts";

const help = `usage: npm run fuzz -- [--count N] [--seed N] [--from N]

Takes random objects through both webhooks, without a server: parse, compile, evaluate by all rules, respond. Policies and
namespaces, most of them nearly right, with values of other types, huge numbers, missing fields, deep nesting and odd
strings among them, in clusters of random policies. Each is answered, or refused as no review; nothing may throw.

  --count N   how many objects (1000000, about ten minutes)
  --seed N    what decides them (chosen anew each time, and printed)
  --from N    the first one (0): \`--seed S --from I --count 1\` runs one object again

Exits 1 at the first object that is not answered, says how to run it again and writes it to a file.
`;

const reportEvery = 5_000;

await runScript(help, async (args) => {
  const { values } = parseArgs({
    args: [...args],
    options: { count: { type: "string" }, seed: { type: "string" }, from: { type: "string" } },
  });
  const count = whole("--count", values.count ?? "1000000");
  const seed = whole("--seed", values.seed ?? String(Date.now() % 2 ** 31));
  return fuzz(seed, whole("--from", values.from ?? "0"), count);
});

function whole(flag: string, text: string): number {
  const number = Number(text);
  if (!/^[0-9]+$/.test(text) || !Number.isSafeInteger(number)) {
    throw new UsageError(`${flag} needs a whole number, not ${text}`);
  }
  return number;
}

async function fuzz(seed: number, from: number, count: number): Promise<number> {
  const run = new Fuzz(seed);
  const seen: Record<Outcome, number> = { allowed: 0, denied: 0, patched: 0, refused: 0 };
  const started = performance.now();
  let reported = started;
  let slowest = { index: from, milliseconds: 0 };
  process.stderr.write(`seed ${seed}, ${count} objects\n`);
  for (let index = from; index < from + count; index += 1) {
    const before = performance.now();
    try {
      seen[await run.run(index)] += 1;
    } catch (error) {
      if (!(error instanceof FuzzFailure)) throw error;
      return fail(error, seed, index);
    }
    const now = performance.now();
    if (now - before > slowest.milliseconds) slowest = { index, milliseconds: now - before };
    if (now - reported < reportEvery) continue;
    reported = now;
    process.stderr.write(`${index + 1 - from} of ${count}, ${Math.round((now - started) / 1000)} s\n`);
  }
  const outcomes = Object.entries(seen).map(([outcome, times]) => `${times} ${outcome}`);
  process.stdout.write(
    `seed ${seed}: ${count} objects, all answered in ${Math.round((performance.now() - started) / 1000)} s: ` +
      `${outcomes.join(", ")}; the slowest, ${slowest.index}, took ${Math.round(slowest.milliseconds)} ms\n`,
  );
  return 0;
}

function fail({ message, cause, body }: FuzzFailure, seed: number, index: number): number {
  const file = join(tmpdir(), `ringfence-fuzz-${seed}-${index}.json`);
  writeFileSync(file, body);
  const inner = cause instanceof Error && cause.cause !== undefined ? cause.cause : cause;
  process.stdout.write(
    `failed: ${message}\n${inner instanceof Error ? (inner.stack ?? inner.message) : String(inner)}\n` +
      `The review: ${file}\nAgain: npm run fuzz -- --seed ${seed} --from ${index} --count 1\n`,
  );
  return 1;
}
