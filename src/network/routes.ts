import type { HttpRoute } from "../wire/http-route.ts";
import type { Ingress, IngressBackend } from "../wire/ingress.ts";

/** The kind of route that is served only where the Gateway API is installed. */
export const httpRouteKind = { group: "gateway.networking.k8s.io", kind: "HTTPRoute" } as const;

/** A Service to which an Ingress or HTTPRoute of its namespace sends. */
export interface RouteBackend {
  readonly kind: "Ingress" | "HTTPRoute";
  /** The route's name. */
  readonly name: string;
  /** Of an Ingress, where it names one: who serves it. */
  readonly ingressClass: string | undefined;
  readonly service: string;
  /** The Service's port, by number or name. */
  readonly port: number | string;
}

const classAnnotation = "kubernetes.io/ingress.class";

/** To which Services an Ingress sends, each once; backends of other kinds are left out. */
export function ingressBackends({ metadata, spec }: Ingress): readonly RouteBackend[] {
  const { annotations = {}, name = "" } = metadata;
  // The older way to say it, which controllers still follow.
  const annotated = Object.hasOwn(annotations, classAnnotation) ? annotations[classAnnotation] : undefined;
  const ingressClass = spec?.ingressClassName ?? annotated;
  const paths = (spec?.rules ?? []).flatMap(({ http }) => http?.paths ?? []);
  const backends: (IngressBackend | undefined)[] = [
    spec?.defaultBackend,
    ...paths.map(({ backend }) => backend),
  ];
  return distinct(
    backends.flatMap((backend) => {
      const { name: service, port: { number, name: portName } = {} } = backend?.service ?? {};
      const port = number ?? portName;
      if (service === undefined || port === undefined) return [];
      return [{ kind: "Ingress", name, ingressClass, service, port }];
    }),
  );
}

/**
 * To which Services of its own namespace an HTTPRoute sends, each once. Those of other namespaces need a ReferenceGrant
 * there, and are left out.
 */
export function httpRouteBackends({ metadata, spec }: HttpRoute): readonly RouteBackend[] {
  const { name = "", namespace = "" } = metadata;
  const refs = (spec?.rules ?? []).flatMap(({ backendRefs }) => backendRefs ?? []);
  return distinct(
    refs.flatMap((ref) => {
      const { group = "", kind = "Service", name: service, port, weight = 1 } = ref;
      const isOurs = group === "" && kind === "Service" && (ref.namespace ?? namespace) === namespace;
      if (!isOurs || weight === 0 || port === undefined) return [];
      return [{ kind: "HTTPRoute", name, ingressClass: undefined, service, port }];
    }),
  );
}

function distinct(backends: readonly RouteBackend[]): readonly RouteBackend[] {
  const byTarget = new Map(backends.map((backend) => [`${backend.service} ${backend.port}`, backend]));
  return [...byTarget.values()];
}
