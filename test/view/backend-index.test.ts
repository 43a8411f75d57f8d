import { beforeEach, describe, expect, test } from "vitest";
import { BackendIndex } from "#src/view/backend-index.ts";

const configuration = (name: string, services: readonly string[], caBundle = "first") => ({
  metadata: { name },
  webhooks: [
    { name: "outside.example.com", clientConfig: { url: "https://hooks.example.com" } },
    ...services.map((text) => {
      const [namespace = "", service = "", port] = text.split("/");
      const called = { namespace, name: service, ...(port !== undefined && { port: Number(port) }) };
      return { name: `${service}.example.com`, clientConfig: { caBundle, service: called } };
    }),
  ],
});
const apiService = (name: string, namespace?: string) => ({
  metadata: { name },
  spec: namespace === undefined ? { service: null } : { service: { namespace, name: "metrics" } },
});

let index: BackendIndex;
let changes: string[];
const called = (namespace = "shop"): readonly string[] | undefined =>
  index.in(namespace)?.map(({ configuration: name, service, port }) => `${name} ${service}:${port}`);

beforeEach(() => {
  changes = [];
  index = new BackendIndex({
    changed: (namespace) => changes.push(namespace),
    settled: () => changes.push("settled"),
  });
});

function listed(
  validating: readonly ReturnType<typeof configuration>[] = [],
  apiServices: readonly ReturnType<typeof apiService>[] = [],
): void {
  index.validating.replaceBegin();
  for (const object of validating) index.validating.upsert(object);
  index.validating.replaceDone();
  index.mutating.replaceBegin();
  index.mutating.replaceDone();
  index.apiServices.replaceBegin();
  for (const object of apiServices) index.apiServices.upsert(object);
  index.apiServices.replaceDone();
}

describe("which Services of a namespace the API server calls", () => {
  test("is unknown until all three kinds are listed, and again where one may not be read", () => {
    expect(called()).toBeUndefined();
    listed([configuration("a", ["shop/hook", "shop/hook", "other/hook"])]);
    expect(called()).toEqual(["a hook:443"]);
    expect(called("nowhere")).toEqual([]);
    index.mutating.unreadable();
    expect(called()).toBeUndefined();
  });

  test("follows each object by itself", () => {
    listed(
      [configuration("a", ["shop/hook/8443"])],
      [apiService("v1.apps"), apiService("v1.metrics", "shop")],
    );
    expect(called()).toEqual(["a hook:8443", "v1.metrics metrics:443"]);
    changes = [];
    index.validating.upsert(configuration("a", ["other/hook"]));
    expect(called()).toEqual(["v1.metrics metrics:443"]);
    expect(called("other")).toEqual(["a hook:443"]);
    index.apiServices.remove(apiService("v1.metrics", "shop"));
    expect(called()).toEqual([]);
    expect(changes).toEqual(["shop", "other", "shop"]);
  });

  test("a new caBundle changes nothing", () => {
    listed([configuration("a", ["shop/hook"])]);
    changes = [];
    index.validating.upsert(configuration("a", ["shop/hook"], "second"));
    expect(changes).toEqual([]);
    expect(called()).toEqual(["a hook:443"]);
  });

  test("what answers our own webhooks is told by their names", () => {
    const own = {
      metadata: { name: "release-ringfence" },
      webhooks: [
        {
          name: "validate.ringfence.dev",
          clientConfig: { service: { namespace: "guards", name: "ringfence", path: "/validate" } },
        },
      ],
    };
    listed([configuration("a", ["guards/ringfence"])]);
    index.mutating.upsert(own);
    expect(index.in("guards")?.map((one) => one.own)).toEqual([false, true]);
  });
});
