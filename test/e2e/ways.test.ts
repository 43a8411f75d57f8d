import { expect, onTestFinished, test } from "vitest";
import { expected, playWay } from "../ways/way.ts";
import { ways } from "../ways/ways.ts";
import { controlPlane, uniqueName } from "./support.ts";

// Helm is played by `npm run test:ways` alone: building it takes minutes.
test.each(ways.map((way) => ({ name: `${way.tool}: ${way.way} (${way.set})`, way })))(
  "$name",
  async ({ way }) => {
    const namespace = uniqueName("way");
    onTestFinished(async () => {
      await controlPlane().api.admin.send("DELETE", `/api/v1/namespaces/${namespace}`);
    });
    const played = await playWay(way, controlPlane(), namespace);
    expect(played).toEqual(expected(way, played));
  },
);
