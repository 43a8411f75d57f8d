import { describe, expect, test } from "vitest";
import { sections, untried } from "../../scripts/requirements/list.ts";
import { standingOf, testsOf, type Tried } from "../../scripts/requirements/results.ts";

const tried = (title: string, status = "passed", file = "test/e2e/a.test.ts"): Tried => ({
  file,
  title,
  status,
});

describe("what counts as held", () => {
  test("only a title that names the requirement as a word counts", () => {
    const tests = [tried("R12: a"), tried("R1: b"), tried("R123 c"), tried("about R1, R2"), tried("SR1")];
    expect(standingOf("R1", tests).tests.map(({ title }) => title)).toEqual(["R1: b", "about R1, R2"]);
    expect(standingOf("R1", tests).gap).toBeUndefined();
  });

  test.each([
    ["no test", [tried("R2")], "no test names it"],
    ["one failed", [tried("R1"), tried("R1", "failed")], "1 of its tests failed"],
    ["one did not run", [tried("R1"), tried("R1", "skipped")], "1 of its tests did not run"],
    ["only pure functions", [tried("R1", "passed", "test/engine/a.test.ts")], "only tests of pure functions"],
  ])("a gap: %s", (_, tests, gap) => {
    expect(standingOf("R1", tests).gap).toContain(gap);
  });

  test("a report's tests are named with all their describes and the file from the root", () => {
    const assertionResults = [{ fullName: " R1: outer inner", status: "passed" }];
    const report = { testResults: [{ name: "/here/test/a.test.ts", assertionResults }] };
    expect(testsOf([report], "/here")).toEqual([
      { file: "test/a.test.ts", title: "R1: outer inner", status: "passed" },
    ]);
  });
});

test("every requirement stands once, among those that are held or those that are not", () => {
  const held = sections.flatMap(({ requirements }) => requirements.map(({ id }) => id));
  const ids = [...held, ...untried.map(({ id }) => id)];
  expect(ids.toSorted((a, b) => Number(a.slice(1)) - Number(b.slice(1)))).toEqual(
    Array.from({ length: 91 }, (_, index) => `R${index + 1}`),
  );
});
