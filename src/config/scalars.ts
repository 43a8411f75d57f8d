import { isIP } from "node:net";
import { z } from "zod";

/** The name of a user or group, as the API server knows it. */
export const principal = z
  .string()
  .min(1, { error: "must not be empty" })
  .max(1024, { error: "must not be longer than 1024 characters" });

/** The name of a policy, in which `*` stands for any run of characters. */
export const policyPattern = z.string().regex(/^[a-z0-9*]([-a-z0-9.*]{0,251}[a-z0-9*])?$/, {
  error: "must be a policy's name, in which * stands for any run of characters",
});

/** A day of the calendar, YYYY-MM-DD. */
export const day = z.string().refine(isDay, { error: "must be a day of the calendar, written YYYY-MM-DD" });

function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

const units: ReadonlyMap<string, number> = new Map([
  ["ns", 1e-6],
  ["us", 1e-3],
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000],
]);

/** Milliseconds of a duration as Kubernetes writes them (Go's time.ParseDuration): `500ms`, `1m30s`, `0`. */
export function parseDuration(text: string): number | undefined {
  if (text === "0") return 0;
  if (!/^(\d+(\.\d+)?(ns|us|ms|s|m|h))+$/.test(text)) return undefined;
  let sum = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|ms|s|m|h)/g)) {
    sum += Number(amount) * (units.get(unit ?? "") ?? 0);
  }
  return sum;
}

/** A duration of at most `most` milliseconds. */
export function durationUpTo(most: number): z.ZodString {
  return z.string().refine(
    (text) => {
      const milliseconds = parseDuration(text);
      return milliseconds !== undefined && milliseconds <= most;
    },
    { error: `must be a duration from 0s to ${most}ms, written as in Kubernetes: ${most}ms, 0.2s` },
  );
}

/** An IP address in its one canonical spelling; leading zeros and IPv4-mapped IPv6 are refused. */
export const address = z.string().refine((text) => isIP(text) !== 0 && !/^::ffff:|%/i.test(text), {
  error: "must be an IP address without prefix length or zone, such as 169.254.20.10",
});

/** `53`, which means UDP and TCP, `53/UDP` or `53/TCP`. A plain number is taken as its text. */
export const dnsPort = z
  .preprocess(
    (value) => (typeof value === "number" ? String(value) : value),
    z
      .string()
      .refine((text) => /^[1-9]\d{0,4}(\/(UDP|TCP))?$/.test(text) && Number.parseInt(text, 10) <= 65535, {
        error: "must be a port such as 53, 53/UDP or 5353/TCP",
      }),
  )
  .meta({ type: ["string", "integer"] });
