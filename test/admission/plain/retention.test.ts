import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const review = join(import.meta.dirname, "../../../src/admission/review.ts");

/** Reads ten reviews of 1 MiB, whose names stand in the metadata alone, and keeps the names: prints the MiB that are held. */
const script = `
  import { parseReview } from ${JSON.stringify(review)};
  const used = () => {
    gc();
    gc();
    const { heapUsed, external } = process.memoryUsage();
    return (heapUsed + external) / 2 ** 20;
  };
  const kept = new Map();
  const body = (number) => Buffer.from(JSON.stringify({
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    request: {
      uid: "a-uid-of-some-length-" + number,
      operation: "CREATE",
      userInfo: { username: "a-user-of-some-length-" + number },
      resource: { group: "networking.k8s.io", version: "v1", resource: "networkpolicies" },
      object: {
        metadata: {
          name: "a-policy-of-some-length-" + number,
          namespace: "a-namespace-of-some-length-" + number,
          managedFields: ["x".repeat(2 ** 20)],
        },
      },
    },
  }));
  const read = (number) => {
    const { name, namespace, uid, user } = parseReview(body(number), () => ({}));
    kept.set(namespace + "/" + name, [uid, user.name]);
  };
  read(0);
  const before = used();
  for (let number = 1; number <= 10; number++) read(number);
  console.log(used() - before);
`;

test("who keeps the names of a request does not keep its body", () => {
  const args = ["--expose-gc", "--input-type=module", "--eval", script];
  const held = execFileSync(process.execPath, args, { encoding: "utf8" });
  expect(Number(held)).toBeLessThan(2);
});
