import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { sync } from "../ways/argo-cd.ts";
import { reconcile } from "../ways/flux.ts";
import { furnish, policiesPath, policyTargets, type Place } from "../ways/place.ts";
import { good } from "../ways/sets.ts";
import { expected, playWay, restricted } from "../ways/way.ts";
import { ways } from "../ways/ways.ts";
import { controlPlane, uniqueName } from "./support.ts";

/** A new name of a namespace, which is deleted after the test; nobody waits for that. */
function namespaceName(): string {
  const namespace = uniqueName("way");
  onTestFinished(async () => {
    await controlPlane().api.admin.send("DELETE", `/api/v1/namespaces/${namespace}`);
  });
  return namespace;
}

const named = ways.map((way) => ({ name: `${way.tool}: ${way.way} (${way.set})`, way }));

// Helm is played by `npm run test:ways` alone: building it takes minutes.
test.each(named)("$name", async ({ way }) => {
  const played = await playWay(way, controlPlane(), namespaceName());
  expect(played).toEqual(expected(way, played));
});

const appliers: readonly (readonly [
  tool: string,
  manager: string,
  apply: (place: Place) => Promise<boolean>,
])[] = [
  ["Flux", "kustomize-controller", (place) => reconcile(place, { targets: policyTargets(place, good) })],
  [
    "Argo CD",
    "argocd-controller",
    (place) => sync(place, { targets: policyTargets(place, good), applying: "server" }),
  ],
];

test.each(appliers)("R34: after the first time, %s finds no difference", async (_tool, manager, apply) => {
  const namespace = namespaceName();
  const { api, address } = controlPlane();
  const place: Place = {
    controlPlane: controlPlane(),
    namespace,
    directory: join(address.directory, namespace),
  };
  await furnish(place, { ...restricted, "ringfence.dev/patch": "restricted" }, {});
  expect(await apply(place)).toBe(true);
  for (const body of good) {
    const path = `${policiesPath(namespace)}/${body.metadata.name}`;
    const stands = await api.tenant.expect("GET", path);
    const query = `fieldManager=${manager}&force=true&dryRun=All`;
    const contentType = "application/apply-patch+yaml";
    expect(await api.tenant.expect("PATCH", `${path}?${query}`, { body, contentType })).toEqual(stands);
  }
  expect(await apply(place)).toBe(true);
});
