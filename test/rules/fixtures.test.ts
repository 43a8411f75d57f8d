import jsonpatch from "fast-json-patch";
import { basename } from "node:path";
import { describe, expect, it } from "vitest";
import type { Rule } from "#src/model/rule.ts";
import { newestOf } from "#src/model/rule-versions.ts";
import { rules } from "#src/rules/index.ts";
import { mutate, validate } from "../support/decisions.ts";
import { last, requestOf } from "../support/fixture-requests.ts";
import { filesIn, findingsOf, type Fixture, readFixture } from "../support/fixtures.ts";
import { asSent } from "../support/objects.ts";

describe.each(newestOf(rules).map((rule) => [rule.id, rule] as const))("%s", (id, rule) => {
  const casesOf = (folder: string) =>
    filesIn("rules", id, folder).map((path) => [basename(path, ".yaml"), readFixture(path, id)] as const);
  const concerns = (line: string) => line === id || line.startsWith(`${id} `);

  it.each(casesOf("allow"))("allows %s", async (_, fixture) => {
    expect(fixture.denied.filter(concerns)).toEqual([]);
    await holds(fixture, rule, concerns);
  });

  it.each(casesOf("deny"))("denies %s", async (_, fixture) => {
    const said = rule.profile === "advisory" ? fixture.warned : fixture.denied;
    expect(said.filter(concerns)).not.toEqual([]);
    await holds(fixture, rule, concerns);
  });

  it.each(casesOf("fix"))("repairs %s", async (_, fixture) => {
    const wanted = asSent(last(fixture.objects));
    const request = requestOf({ ...fixture, objects: fixture.objects.slice(0, -1) }, rule);
    const { patch = [], warnings } = await mutate(request);
    const object = structuredClone(asSent(request.object));
    const patched = jsonpatch.applyPatch(object, structuredClone([...patch]), true).newDocument;
    expect(patched).toEqual({
      ...asSent(request.object),
      ...("spec" in wanted ? { spec: wanted.spec } : {}),
    });
    expect(warnings.length > 0).toBe(patch.length > 0);
    const again = { ...request, object: patched };
    expect((await mutate(again)).patch).toBeUndefined();
    expect(findingsOf(await validate(again), "deny").filter(concerns)).toEqual([]);
  });
});

/** The request comes to the findings that the fixture names, and to no other denial. */
async function holds(fixture: Fixture, rule: Rule, concerns: (line: string) => boolean): Promise<void> {
  const verdict = await validate(requestOf(fixture, rule));
  expect(findingsOf(verdict, "deny")).toEqual(fixture.denied);
  expect(findingsOf(verdict, "warn").filter(concerns)).toEqual(fixture.warned);
  expect(findingsOf(verdict, "audit").filter(concerns)).toEqual(fixture.audited);
  expect(verdict.allowed).toBe(fixture.denied.length === 0);
}
