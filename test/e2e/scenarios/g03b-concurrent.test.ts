import { expect, test } from "vitest";
import { testNamespace } from "../support.ts";
import { post } from "./concurrent.ts";
import { base, policiesIn, run } from "./scenario.ts";

const files = ["g01-egress-default-deny", "g02-dns-allow-first"] as const;

test("G3b: both by concurrent creates in a namespace made a moment ago, 50 times: always both applied", async () => {
  for (let round = 0; round < 50; round += 1) {
    const shop = await testNamespace(base);
    const order = round % 2 === 0 ? files : files.toReversed();
    const answers = await Promise.all(order.map((file) => post(shop, file)));
    expect(answers, `round ${round}`).toEqual([201, 201]);
  }
}, 120_000);

test("G3b: the same with kubectl create", async () => {
  for (let round = 0; round < 4; round += 1) {
    const shop = await testNamespace(base);
    const seen = await Promise.all(files.map((file) => run(shop, ["create", "-f", `${file}.yaml`])));
    expect(seen.map(({ code, stderr }) => `${code}${stderr}`)).toEqual(["0", "0"]);
    expect(await policiesIn(shop)).toEqual(["allow-dns", "default-deny-egress"]);
  }
});
