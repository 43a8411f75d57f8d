import { httpRouteBackends, ingressBackends, type RouteBackend } from "../network/routes.ts";
import type { HttpRoute } from "../wire/http-route.ts";
import type { Ingress } from "../wire/ingress.ts";
import { Kind, type KindHandler } from "./kind.ts";

export interface RouteIndexOptions {
  /** Told when the routes of a namespace are others than before. */
  readonly changed: (namespace: string) => void;
  readonly settled: () => void;
}

type Backends = readonly RouteBackend[];

/** Where the Ingresses and HTTPRoutes of each namespace send. HTTPRoutes come and go with their kind. */
export class RouteIndex {
  readonly ingresses: Kind<Ingress, Backends>;
  readonly #options: RouteIndexOptions;
  /** Undefined where the kind is not served. */
  #httpRoutes: Kind<HttpRoute, Backends> | undefined = undefined;
  #unreadable = false;

  constructor(options: RouteIndexOptions) {
    this.#options = options;
    this.ingresses = this.#kind(ingressBackends);
  }

  /** Undefined as long as one of the kinds may not be read. */
  in(namespace: string): Backends | undefined {
    if (!this.ingresses.known || this.#unreadable || this.#httpRoutes?.known === false) return undefined;
    const routes = this.#httpRoutes?.in(namespace);
    return [...this.ingresses.in(namespace).values(), ...(routes?.values() ?? [])].flat();
  }

  /** HTTPRoutes are served; until their first list is complete they are unknown. */
  follow(): KindHandler {
    this.#httpRoutes = this.#kind(httpRouteBackends);
    this.#options.settled();
    return this.#httpRoutes;
  }

  /** HTTPRoutes are not served any more. */
  forget(): void {
    this.#httpRoutes = undefined;
    this.#options.settled();
  }

  /** Whether it is unknown what their group holds. */
  setUnreadable(groups: readonly string[]): void {
    if (this.#unreadable === groups.length > 0) return;
    this.#unreadable = groups.length > 0;
    this.#options.settled();
  }

  #kind<T extends Ingress | HttpRoute>(backends: (object: T) => Backends): Kind<T, Backends> {
    const { changed, settled } = this.#options;
    const read = (object: T): Backends | undefined => {
      const found = backends(object);
      return found.length === 0 ? undefined : found;
    };
    return new Kind({ read, changed: (namespace) => changed(namespace), settled });
  }
}
