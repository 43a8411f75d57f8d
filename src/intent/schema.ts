import type { z } from "zod";
import { checkContradictions } from "./contradictions.ts";
import { intentKeys, type Intent } from "./keys.ts";

/**
 * What a namespace declares about its network: the annotation `ringfence.dev/network-policies`, and the default intents of
 * the configuration. Strict; every contradiction is a fault.
 */
export const intentSchema: z.ZodType<Intent> = intentKeys.superRefine(checkContradictions);
