import { describe, expect, it } from "vitest";
import { versions } from "#src/model/profile.ts";
import { holdsAt, newestOf, versionsOf } from "#src/model/rule-versions.ts";
import { rule } from "../support/rules.ts";

const first = rule({ since: "v1", until: "v2" });
const second = rule({ since: "v2", until: "v10" });
const third = rule({ since: "v10" });
const other = rule({ id: "other", since: "v2" });
const all = [third, first, other, second];

describe("the behaviour of a version", () => {
  it.each([
    ["v1", first],
    ["v2", second],
    ["v9", second],
    ["v10", third],
    ["v11", third],
    ["latest", third],
  ] as const)("at %s is the newest that is not above it", (version, wanted) => {
    const own = all.filter(({ id }) => id === "example");
    expect(own.filter((each) => holdsAt(each, version))).toEqual([wanted]);
  });

  it("is none before the first", () => {
    expect(holdsAt(other, "v1")).toBe(false);
  });
});

it("of each rule the newest is listed, with all its versions in their order", () => {
  expect(newestOf(all)).toEqual([third, other]);
  expect(versionsOf("example", all)).toEqual(["v1", "v2", "v10"]);
  expect(versionsOf("none", all)).toEqual([]);
});

it("every version that may be asked for is known", () => {
  expect(versions.slice(0, 2)).toEqual(["latest", "v1"]);
});
