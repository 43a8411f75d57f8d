import { expect, test } from "vitest";
import { testNamespace } from "../support.ts";
import { apply, base } from "./scenario.ts";

test("G8: OR said plainly, as two rules with one peer each, is applied without a word", async () => {
  const shop = await testNamespace(base);
  const { code, stdout, stderr } = await apply(shop, "g08-two-rules");
  expect({ code, stdout, stderr }).toEqual({
    code: 0,
    stdout: "networkpolicy.networking.k8s.io/who-may-scrape created\n",
    stderr: "",
  });
});
