import { expect, test } from "vitest";
import type { KubernetesClient, Query } from "#src/kubernetes/client.ts";
import { listAll, pages } from "#src/kubernetes/pages.ts";
import { fullName, resourcePath } from "#src/kubernetes/resources.ts";

const { signal } = new AbortController();

/** Pages of one object each, named by their place; the last says that nothing follows in the way `end` has it. */
function paged(
  count: number,
  end: "" | undefined,
): { client: Pick<KubernetesClient, "list">; asked: Query[] } {
  const asked: Query[] = [];
  return {
    asked,
    client: {
      list: (_path, query) => {
        asked.push(query);
        const at = Number(query["continue"] ?? 0);
        const next = at + 1 < count ? String(at + 1) : end;
        return Promise.resolve({
          metadata: next === undefined ? {} : { continue: next },
          items: [{ metadata: { name: `object-${at}` } }],
        });
      },
    },
  };
}

test.each(["", undefined] as const)("goes from page to page until %j says that none follows", async (end) => {
  const { client, asked } = paged(3, end);
  const all = await listAll(client, resourcePath("pods"), signal);
  expect(all.map(({ metadata }) => metadata.name)).toEqual(["object-0", "object-1", "object-2"]);
  expect(asked).toEqual([{ limit: "500" }, { limit: "500", continue: "1" }, { limit: "500", continue: "2" }]);
});

test("asks for no page that nobody wants", async () => {
  const { client, asked } = paged(Infinity, "");
  for await (const items of pages(client, resourcePath("pods"), signal)) {
    if (items[0]?.metadata.name === "object-1") break;
  }
  expect(asked).toHaveLength(2);
});

test("names resources as rights are granted", () => {
  expect(fullName("nodes")).toBe("nodes");
  expect(fullName("deployments")).toBe("deployments.apps");
  expect(fullName("servicecidrs")).toBe("servicecidrs.networking.k8s.io");
});
