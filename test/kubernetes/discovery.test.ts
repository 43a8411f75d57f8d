import { describe, expect, it } from "vitest";
import { ApiError } from "#src/kubernetes/api-error.ts";
import { discoverGroups } from "#src/kubernetes/discovery.ts";

const never = new AbortController().signal;

/** A server of these documents by path; an error is thrown, an unknown path is 404. */
function serving(documents: Readonly<Record<string, unknown>>) {
  const asked: string[] = [];
  const get = (path: string): Promise<unknown> => {
    asked.push(path);
    const document = Object.hasOwn(documents, path) ? documents[path] : new ApiError(404, "not found");
    return document instanceof Error ? Promise.reject(document) : Promise.resolve(document);
  };
  return { get, asked };
}

const group = (name: string, preferred: string, ...versions: string[]) => ({
  name,
  versions: [preferred, ...versions].map((version) => ({ groupVersion: `${name}/${version}`, version })),
  preferredVersion: { groupVersion: `${name}/${preferred}`, version: preferred },
});

const resource = (name: string, kind: string, namespaced: boolean) => ({
  name,
  kind,
  namespaced,
  verbs: ["get", "list", "watch"],
});

describe("what a group serves", () => {
  it("is asked of the groups that there are, each version, the preferred first", async () => {
    const client = serving({
      "/apis": { groups: [group("apps", "v1"), group("cilium.io", "v2", "v2alpha1")] },
      "/apis/cilium.io/v2": {
        resources: [
          resource("ciliumnetworkpolicies", "CiliumNetworkPolicy", true),
          resource("ciliumnetworkpolicies/status", "CiliumNetworkPolicy", true),
          { ...resource("reviews", "Review", true), verbs: ["create"] },
        ],
      },
      "/apis/cilium.io/v2alpha1": {
        resources: [resource("ciliumcidrgroups", "CiliumCIDRGroup", false)],
      },
    });
    const found = await discoverGroups(client, ["cilium.io", "crd.antrea.io"], never);
    expect([...found]).toEqual([
      [
        "cilium.io",
        [
          {
            kind: "CiliumNetworkPolicy",
            namespaced: true,
            path: "/apis/cilium.io/v2/ciliumnetworkpolicies",
          },
          { kind: "CiliumCIDRGroup", namespaced: false, path: "/apis/cilium.io/v2alpha1/ciliumcidrgroups" },
        ],
      ],
    ]);
    expect(client.asked).toEqual(["/apis", "/apis/cilium.io/v2", "/apis/cilium.io/v2alpha1"]);
  });

  it("is an error where the group cannot tell, and nothing where a version has just gone", async () => {
    const down = new ApiError(503, "the server is currently unable to handle the request");
    const client = serving({
      "/apis": { groups: [group("projectcalico.org", "v3"), group("cilium.io", "v2")] },
      "/apis/projectcalico.org/v3": down,
    });
    const found = await discoverGroups(client, ["cilium.io", "projectcalico.org"], never);
    expect(found.get("projectcalico.org")).toBe(down);
    expect(found.get("cilium.io")).toEqual([]);
  });

  it("is nobody's guess where the API server does not answer at all", async () => {
    const client = serving({ "/apis": new ApiError(503, "no") });
    await expect(discoverGroups(client, ["cilium.io"], never)).rejects.toThrow("no");
  });

  it.each([null, 1, {}, { groups: null }, { groups: [null, {}, { name: "cilium.io" }] }])(
    "is nothing where the answer has not the shape: %j",
    async (answer) => {
      const found = await discoverGroups(serving({ "/apis": answer }), ["cilium.io"], never);
      expect([...found.values()].flat()).toEqual([]);
    },
  );
});
