import type { Leading } from "./lease.ts";
import type { KubernetesWriter } from "./writer.ts";

/** A write was wanted when its time was over. */
export class NotLeading extends Error {
  override readonly name = "NotLeading";
  constructor() {
    super("another replica may lead by now: nothing is written");
  }
}

/**
 * A writer for the one that leads: it asks for the time that is left before each request and again immediately before it
 * leaves, aborts what is under way when the time is over, and has the API server end it by then as well. Rejects with
 * NotLeading, or as the writer does.
 */
export function leaderWriter(
  writer: Pick<KubernetesWriter, "send">,
  leading: Leading,
): Pick<KubernetesWriter, "send"> {
  const insist = (): number => {
    const remaining = leading.remaining();
    if (remaining <= 0) throw new NotLeading();
    return remaining;
  };
  return {
    async send(request, signal) {
      const timeout = `${Math.ceil(insist())}ms`;
      const beforeSending = (): void => {
        request.beforeSending?.();
        insist();
      };
      return await writer.send(
        { ...request, query: { ...request.query, timeout }, beforeSending },
        AbortSignal.any([signal, leading.signal]),
      );
    },
  };
}
