import { beforeEach, describe, expect, test } from "vitest";
import { RouteIndex } from "#src/view/route-index.ts";

const ingress = (namespace: string, name: string, service = "api") => ({
  metadata: { namespace, name },
  spec: { defaultBackend: { service: { name: service, port: { number: 80 } } } },
});
const httpRoute = (name: string) => ({
  metadata: { namespace: "shop", name },
  spec: { rules: [{ backendRefs: [{ name: "web", port: 80 }] }] },
});

let index: RouteIndex;
let changes: string[];
const names = (): readonly string[] | undefined =>
  index.in("shop")?.map(({ kind, name, service }) => `${kind} ${name} ${service}`);

beforeEach(() => {
  changes = [];
  index = new RouteIndex({
    changed: (namespace) => changes.push(namespace),
    settled: () => changes.push("settled"),
  });
});

function listed(...objects: ReturnType<typeof ingress>[]): void {
  index.ingresses.replaceBegin();
  for (const object of objects) index.ingresses.upsert(object);
  index.ingresses.replaceDone();
}

describe("where the routes of a namespace send", () => {
  test("is unknown until the Ingresses are listed, and again when they may not be read", () => {
    expect(names()).toBeUndefined();
    listed(ingress("shop", "a"), ingress("other", "b"));
    expect(names()).toEqual(["Ingress a api"]);
    index.ingresses.unreadable();
    expect(names()).toBeUndefined();
  });

  test("follows changes", () => {
    listed(ingress("shop", "a"));
    changes = [];
    index.ingresses.upsert(ingress("shop", "a", "web"));
    expect(names()).toEqual(["Ingress a web"]);
    index.ingresses.remove(ingress("shop", "a"));
    expect(names()).toEqual([]);
    expect(changes).toEqual(["shop", "shop"]);
  });

  test("HTTPRoutes come and go with their kind", () => {
    listed(ingress("shop", "a"));
    const handler = index.follow();
    expect(names(), "served, and not listed yet").toBeUndefined();
    handler.replaceBegin();
    handler.upsert(httpRoute("b"));
    handler.replaceDone();
    expect(names()).toEqual(["Ingress a api", "HTTPRoute b web"]);
    handler.unreadable();
    expect(names()).toBeUndefined();
    index.forget();
    expect(names()).toEqual(["Ingress a api"]);
  });

  test("is unknown while nobody knows what the group of HTTPRoutes holds", () => {
    listed(ingress("shop", "a"));
    index.setUnreadable(["gateway.networking.k8s.io"]);
    expect(names()).toBeUndefined();
    changes = [];
    index.setUnreadable(["gateway.networking.k8s.io"]);
    expect(changes).toEqual([]);
    index.setUnreadable([]);
    expect(names()).toEqual(["Ingress a api"]);
  });
});
