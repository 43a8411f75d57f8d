import { describe, expect, it } from "vitest";
import { openedBefore, subjectBefore } from "#src/engine/before.ts";
import { compile, policy, policySubject } from "../support/subjects.ts";
import { knowsNothing } from "../support/views.ts";

const views = { after: knowsNothing, before: () => knowsNothing };
const toAnyone = policy({ podSelector: {}, policyTypes: ["Egress"], egress: [{}] });
const denied = policy({ podSelector: {}, policyTypes: ["Ingress"] });

describe("a policy before the request", () => {
  it("is the old one, compiled anew", () => {
    const then = subjectBefore(policySubject({ operation: "UPDATE", object: denied, oldObject: toAnyone }), {
      compile,
    });
    expect(then).toMatchObject({
      operation: "UPDATE",
      object: toAnyone,
      compiled: { egress: [{ peers: "any" }] },
    });
  });

  it("opened what its rules open in the directions that it isolates", () => {
    const then = subjectBefore(policySubject({ operation: "UPDATE", object: denied, oldObject: toAnyone }), {
      compile,
    });
    const opened = openedBefore(then, views);
    expect(opened?.own.name).toBe(then.kind === "NetworkPolicy" ? then.namespace : "");
    expect(opened?.in("egress")).toMatchObject([{ entry: { peers: "any", ports: "any" } }]);
    expect(opened?.in("ingress")).toEqual([]);
  });

  it("is none on a CREATE, and opened nothing that could be compared with", () => {
    const then = subjectBefore(policySubject({ operation: "CREATE", object: denied }), { compile });
    expect(then).toMatchObject({ object: undefined, compiled: undefined });
    expect(openedBefore(then, views)).toBeUndefined();
  });
});
