import { apiServerOf, type ApiServer } from "../network/api-server.ts";
import type { EndpointSlice } from "../wire/endpoint-slice.ts";
import type { Service } from "../wire/service.ts";
import { Kind } from "./kind.ts";

const namespace = "default";
const service = "kubernetes";
const serviceOfSlice = "kubernetes.io/service-name";

/** The Service default/kubernetes and its EndpointSlices, which the API server writes for itself. Nothing else is kept. */
export class ApiServerIndex {
  readonly services: Kind<Service, Service>;
  readonly endpointslices: Kind<EndpointSlice, EndpointSlice>;
  /** As it was worked out last; null: anew. */
  #apiServer: ApiServer | undefined | null = null;

  constructor() {
    const changed = (): void => {
      this.#apiServer = null;
    };
    this.services = new Kind({
      read: (object: Service) => (object.metadata.name === service ? keptService(object) : undefined),
      changed,
      settled: changed,
    });
    this.endpointslices = new Kind({ read: keptSlice, changed, settled: changed });
  }

  /** Undefined: not known. */
  get apiServer(): ApiServer | undefined {
    if (!this.services.known || !this.endpointslices.known) return undefined;
    if (this.#apiServer === null) {
      const slices = this.endpointslices.in(namespace).values();
      this.#apiServer = apiServerOf(this.services.get(namespace, service), slices);
    }
    return this.#apiServer;
  }
}

function keptService({ metadata, spec = {} }: Service): Service {
  const { clusterIP, clusterIPs, ports } = spec;
  return {
    metadata: { ...(metadata.name !== undefined && { name: metadata.name }), namespace },
    spec: {
      ...(clusterIP !== undefined && { clusterIP }),
      ...(clusterIPs !== undefined && { clusterIPs }),
      ...(ports !== undefined && { ports }),
    },
  };
}

function keptSlice({ metadata, endpoints, ports }: EndpointSlice): EndpointSlice | undefined {
  const { labels = {} } = metadata;
  if (!Object.hasOwn(labels, serviceOfSlice) || labels[serviceOfSlice] !== service) return undefined;
  return {
    metadata: { ...(metadata.name !== undefined && { name: metadata.name }), namespace },
    endpoints: (endpoints ?? []).map(({ addresses, conditions }) => ({
      addresses,
      ...(conditions !== undefined && { conditions }),
    })),
    ports: ports ?? [],
  };
}
