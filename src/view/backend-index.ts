import {
  calledByApiService,
  calledByWebhooks,
  type CalledService,
  type CallerKind,
} from "../network/called-services.ts";
import type { ApiService } from "../wire/api-service.ts";
import type { WebhookConfiguration } from "../wire/webhook-configuration.ts";
import { Kind } from "./kind.ts";

export interface BackendIndexOptions {
  /** Told when other Services of a namespace are called than before. */
  readonly changed: (namespace: string) => void;
  readonly settled: () => void;
}

type Called = readonly CalledService[];

/** Which Services the API server calls, by namespace: for webhooks and for APIServices that others serve. */
export class BackendIndex {
  readonly validating: Kind<WebhookConfiguration, Called>;
  readonly mutating: Kind<WebhookConfiguration, Called>;
  readonly apiServices: Kind<ApiService, Called>;
  readonly #options: BackendIndexOptions;
  /** By namespace, each namespace by the object that has it called. */
  readonly #byNamespace = new Map<string, Map<string, Called>>();

  constructor(options: BackendIndexOptions) {
    this.#options = options;
    this.validating = this.#kind("ValidatingWebhookConfiguration", (object: WebhookConfiguration) =>
      calledByWebhooks("ValidatingWebhookConfiguration", object),
    );
    this.mutating = this.#kind("MutatingWebhookConfiguration", (object: WebhookConfiguration) =>
      calledByWebhooks("MutatingWebhookConfiguration", object),
    );
    this.apiServices = this.#kind("APIService", calledByApiService);
  }

  /** Undefined as long as one of the kinds may not be read. */
  in(namespace: string): Called | undefined {
    if (!this.validating.known || !this.mutating.known || !this.apiServices.known) return undefined;
    const byCaller = this.#byNamespace.get(namespace);
    return byCaller === undefined ? none : [...byCaller.values()].flat();
  }

  #kind<T extends WebhookConfiguration | ApiService>(
    kind: CallerKind,
    called: (object: T) => Called,
  ): Kind<T, Called> {
    const read = (object: T): Called | undefined => {
      const found = called(object);
      return found.length === 0 ? undefined : found;
    };
    return new Kind({
      read,
      changed: (_namespace, name, before = none, after = none) =>
        this.#replace(`${kind} ${name}`, before, after),
      settled: this.#options.settled,
    });
  }

  #replace(caller: string, before: Called, after: Called): void {
    // caBundles are renewed, and conditions of APIServices come and go: mostly whom they call stays the same.
    const same = JSON.stringify(before) === JSON.stringify(after);
    const byNamespace = Map.groupBy(after, ({ namespace }) => namespace);
    const concerned = new Set([...before, ...after].map(({ namespace }) => namespace));
    for (const namespace of concerned) {
      const byCaller = this.#byNamespace.get(namespace) ?? new Map<string, Called>();
      const called = byNamespace.get(namespace);
      if (called === undefined) byCaller.delete(caller);
      else byCaller.set(caller, called);
      if (byCaller.size === 0) this.#byNamespace.delete(namespace);
      else this.#byNamespace.set(namespace, byCaller);
      if (!same) this.#options.changed(namespace);
    }
  }
}

const none: Called = [];
