import type { PolicyWriter, Written } from "../companions/writer.ts";
import { messageOf } from "../errors.ts";
import { ApiError } from "../kubernetes/api-error.ts";
import type { PolicyRequests } from "../kubernetes/apply.ts";
import type { NetworkPolicy } from "../wire/network-policy.ts";

/** What the API server's answers mean to who writes companions. */
export function policyWriter(requests: PolicyRequests): PolicyWriter {
  const write = async (
    signal: AbortSignal,
    missing: Written["result"] & ("moved" | "ended"),
    request: () => Promise<NetworkPolicy | undefined>,
  ): Promise<Written> => {
    try {
      return { result: "done", policy: await request() };
    } catch (error) {
      signal.throwIfAborted();
      return refusal(error, missing);
    }
  };
  return {
    // What is missing where a policy is to be created is its namespace.
    create: (policy, signal) => write(signal, "ended", () => requests.create(policy, signal)),
    apply: (policy, onto, signal) => write(signal, "moved", () => requests.apply(policy, onto, signal)),
    replace: (policy, signal) => write(signal, "moved", () => requests.replace(policy, signal)),
    remove: (namespace, name, version, signal) =>
      write(signal, "moved", () => requests.remove(namespace, name, version, signal)),
    async read(namespace, name, signal) {
      try {
        return await requests.read(namespace, name, signal);
      } catch (error) {
        signal.throwIfAborted();
        return error instanceof ApiError && error.status === 404 ? undefined : "unknown";
      }
    },
  };
}

function refusal(error: unknown, missing: "moved" | "ended"): Written {
  if (!(error instanceof ApiError)) return { result: "refused", text: messageOf(error), retryAfter: 0 };
  const { status, causes, message, retryAfter = 0 } = error;
  if (causes.includes("NamespaceTerminating")) return { result: "ended" };
  if (status === 404) return { result: missing };
  if (status === 409) return { result: "moved" };
  return { result: "refused", text: message, retryAfter };
}
