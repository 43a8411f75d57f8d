import { describe, expect, it } from "vitest";
import { httpRouteBackends, ingressBackends } from "#src/network/routes.ts";
import type { HttpBackendRef } from "#src/wire/http-route.ts";
import type { Ingress } from "#src/wire/ingress.ts";

const to = (name: string, port: { number?: number; name?: string } = { number: 80 }) => ({
  service: { name, port },
});
const ingress = (spec: Ingress["spec"], annotations: Record<string, string> = {}) =>
  ingressBackends({
    metadata: { name: "web", namespace: "shop", annotations },
    ...(spec !== undefined && { spec }),
  });
const paths = (...backends: (ReturnType<typeof to> | object)[]) => ({
  http: { paths: backends.map((backend) => ({ backend })) },
});
const targets = (backends: ReturnType<typeof ingressBackends>) =>
  backends.map(({ service, port }) => `${service}:${port}`);

describe("the backends of an Ingress", () => {
  it("are those of its paths and the default one, each once", () => {
    const rules = [paths(to("api"), to("web", { name: "http" })), paths(to("api")), {}];
    expect(targets(ingress({ defaultBackend: to("home"), rules }))).toEqual([
      "home:80",
      "api:80",
      "web:http",
    ]);
  });

  it("are no resources of other kinds, and none without a port", () => {
    const resource = { resource: { apiGroup: "k8s.example.com", kind: "Bucket", name: "static" } };
    expect(ingress({ rules: [paths(resource, to("api", {}), {})] })).toEqual([]);
    expect(ingress(undefined)).toEqual([]);
    expect(ingress({ rules: null })).toEqual([]);
  });

  it("are of the class that the field says, else the annotation", () => {
    const annotations = { "kubernetes.io/ingress.class": "old" };
    const classOf = (backends: ReturnType<typeof ingress>) => backends[0]?.ingressClass;
    const rules = [paths(to("api"))];
    expect(classOf(ingress({ rules }))).toBeUndefined();
    expect(classOf(ingress({ rules }, annotations))).toBe("old");
    expect(classOf(ingress({ rules, ingressClassName: "new" }, annotations))).toBe("new");
  });
});

describe("the backends of an HTTPRoute", () => {
  const route = (...backendRefs: HttpBackendRef[]) =>
    targets(
      httpRouteBackends({ metadata: { name: "web", namespace: "shop" }, spec: { rules: [{ backendRefs }] } }),
    );

  it("are Services of its own namespace that get something, each once", () => {
    expect(
      route(
        { name: "api", port: 80 },
        { name: "api", port: 80, namespace: "shop", group: "", kind: "Service", weight: 5 },
        { name: "web", port: 81, weight: 0 },
        { name: "web", port: 82, namespace: "other" },
        { name: "static", kind: "Bucket", group: "k8s.example.com", port: 1 },
        { name: "none" },
      ),
    ).toEqual(["api:80"]);
  });

  it("are none of one that says nothing", () => {
    expect(httpRouteBackends({ metadata: { name: "web" } })).toEqual([]);
    expect(httpRouteBackends({ metadata: {}, spec: { rules: null } })).toEqual([]);
    expect(httpRouteBackends({ metadata: {}, spec: { rules: [{ backendRefs: null }] } })).toEqual([]);
  });
});
