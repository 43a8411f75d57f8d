import { expect, test } from "vitest";
import type { NamespaceFacts } from "#src/model/cluster-view.ts";
import { labelSet } from "#src/network/labels.ts";
import { unreadableModes } from "#src/serve/unreadable-modes.ts";
import { settingsWith } from "../support/settings.ts";

function facts(labels: Record<string, string>): NamespaceFacts {
  return { name: "shop", uid: "1", labels: labelSet(labels), annotations: new Map(), terminating: false };
}

test("each change to labels that cannot be read is told once, and the namespace counts until they can", () => {
  const told: string[] = [];
  const modes = unreadableModes(
    () => settingsWith(),
    (namespace, labels) => told.push(`${namespace} ${labels.join(",")}`),
  );
  modes.changed("shop", facts({ "ringfence.dev/enforce": "basline" }));
  modes.changed("shop", facts({ "ringfence.dev/enforce": "basline", team: "a" }));
  expect(told).toEqual(["shop ringfence.dev/enforce"]);
  expect(modes.count()).toBe(1);

  modes.changed("shop", facts({ "ringfence.dev/enforce": "basline", "ringfence.dev/warn-version": "v99" }));
  expect(told).toEqual([
    "shop ringfence.dev/enforce",
    "shop ringfence.dev/enforce,ringfence.dev/warn-version",
  ]);

  modes.changed("shop", facts({ "ringfence.dev/enforce": "baseline" }));
  expect(modes.count()).toBe(0);
  modes.changed("shop", facts({ "ringfence.dev/audit": "" }));
  expect(modes.count()).toBe(1);
  modes.changed("shop", undefined);
  expect(modes.count()).toBe(0);
  expect(told).toHaveLength(3);
});
