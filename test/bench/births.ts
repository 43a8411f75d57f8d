import { createClient } from "../../src/kubernetes/client.ts";
import type { ControlPlaneConnection } from "../control-plane/connection.ts";

/** The time that each namespace waited for its companions. */
export interface Births {
  /** Creates the namespace; resolves when the API server has stored it. */
  create(namespace: string): Promise<Born>;
  stop(): Promise<void>;
}

export interface Born {
  /** Milliseconds from the request that created it until the API server told of the last of its companions. */
  readonly protectedAfter: Promise<number>;
}

interface Birth {
  readonly began: number;
  missing: number;
  readonly done: (milliseconds: number) => void;
}

const policiesPath = "/apis/networking.k8s.io/v1/networkpolicies";

/** Watches policies as they are stored. `body` makes a namespace that is to have so many companions. */
export async function watchBirths(
  { address, api }: ControlPlaneConnection,
  companions: number,
  body: (name: string) => object,
): Promise<Births> {
  const credentials = {
    headers: { authorization: `Bearer ${address.tokens.admin}` },
    options: { ca: address.authorityPem },
  };
  const connection = { server: new URL(address.server), credentials: () => Promise.resolve(credentials) };
  const client = createClient(connection, { answerTimeout: 60_000 });
  const stopping = new AbortController();
  const births = new Map<string, Birth>();
  const { metadata } = await client.list(policiesPath, { limit: "1" }, stopping.signal);
  const watched = client.watch(
    policiesPath,
    { resourceVersion: metadata.resourceVersion ?? "", timeoutSeconds: "7200" },
    ({ type, object }) => {
      const birth = births.get(object.metadata.namespace ?? "");
      if (type !== "ADDED" || birth === undefined) return;
      birth.missing -= 1;
      if (birth.missing === 0) birth.done(performance.now() - birth.began);
    },
    stopping.signal,
    "metadata",
  );
  // What ends the watch ends the waiting.
  const ended = watched.then(
    () => new Error("the watch of policies ended"),
    (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
  );
  return {
    async create(namespace) {
      const complete = new Promise<number>((done) => {
        births.set(namespace, { began: performance.now(), missing: companions, done });
      });
      const protectedAfter = Promise.race([complete, ended.then((error) => Promise.reject(error))]);
      // Whoever waits for it hears of it.
      protectedAfter.catch(() => undefined);
      await api.admin.expect("POST", "/api/v1/namespaces", { body: body(namespace) });
      return { protectedAfter };
    },
    async stop() {
      stopping.abort(new Error("stopped"));
      await ended;
      client.close();
    },
  };
}
