import type { HardCase } from "./hard-cases.ts";
import { hardReview } from "./hard-reviews.ts";
import { medians, underLoad, type Figures, type Load, type RoundsOptions } from "./rounds.ts";
import type { Servers } from "./servers.ts";

/** Of one hard case: medians of all rounds. */
export interface HardResult {
  readonly hard: HardCase;
  readonly figures: Figures;
}

export interface HardOptions extends Omit<RoundsOptions, "sides"> {
  readonly servers: Servers;
}

/** Measures the hard cases one after the other, all of them again in every round; over one connection, so that none waits. */
export async function measureHard(options: HardOptions): Promise<HardResult[]> {
  const { plan, progress } = options;
  const rows = plan.hard.map((hard) => ({ hard, rounds: [] as Figures[] }));
  for (const { hard } of rows) await measure(hard, plan.warmUpSeconds, options);
  for (let round = 1; round <= plan.rounds; round++) {
    for (const { hard, rounds } of rows) {
      progress(`hard/${hard}: round ${round} of ${plan.rounds}`);
      rounds.push(await measure(hard, plan.seconds, options));
    }
  }
  return rows.map(({ hard, rounds }) => ({ hard, figures: medians(rounds) }));
}

async function measure(hard: HardCase, seconds: number, options: HardOptions): Promise<Figures> {
  const check = (answer: string): void => {
    const { response } = JSON.parse(answer) as { response: { allowed: boolean } };
    if (!response.allowed)
      throw new Error(`hard/${hard} should have been allowed. Ringfence answered: ${answer}`);
  };
  const load: Load = { bodies: [hardReview(hard)], pace: { kind: "closed" }, connections: 1, seconds, check };
  const { servers } = options;
  return await underLoad(servers.ringfence, servers, load, options);
}
