import { join } from "node:path";
import { expect, it } from "vitest";
import type { NamespaceDirectory } from "#src/model/cluster-view.ts";
import { Interner } from "#src/network/interner.ts";
import { missingDnsEgress } from "#src/rules/missing-dns-egress.ts";
import { viewAfter } from "#src/view/change.ts";
import { fixturesDirectory } from "../support/fixtures.ts";
import { judged } from "../support/judging.ts";
import { readObjects } from "../support/objects.ts";
import { settingsWith } from "../support/settings.ts";
import { policy, policySubject } from "../support/subjects.ts";
import { viewFromObjects } from "../support/view-from-objects.ts";
import { knowsNothing } from "../support/views.ts";

/** Pods of one label whose DNS rule names no namespace that exists. */
function cutOff(app: string) {
  const egress = [
    {
      to: [{ namespaceSelector: { matchLabels: { name: "kube-system" } } }],
      ports: [{ protocol: "UDP", port: 53 }],
    },
  ];
  return policy({ podSelector: { matchLabels: { app } }, policyTypes: ["Egress"], egress }, { name: app });
}

it("explains the request's own policy and a few, however many stand cut off", () => {
  const standing = Array.from({ length: 500 }, (_, index) => ({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    ...cutOff(`a${index}`),
  }));
  const objects = [...readObjects(join(fixturesDirectory, "cluster.yaml")), ...standing];
  const view = viewFromObjects(objects, { interner: new Interner(), settings: settingsWith() });
  let lookedUp = 0;
  const namespaces: NamespaceDirectory = {
    get: (name) => view.namespaces?.get(name),
    matching: (selector) => {
      lookedUp += 1;
      return view.namespaces?.matching(selector) ?? [];
    },
  };
  const known = {
    ...knowsNothing,
    namespaces,
    dns: view.dns,
    policies: (namespace: string) => view.policies(namespace),
    workloads: (namespace: string) => view.workloads(namespace),
  };
  const subject = policySubject({ object: cutOff("zebra") });
  const verdict = judged(subject, {
    rules: [missingDnsEgress],
    after: viewAfter(known, subject),
    before: known,
  });
  expect(verdict.message).toContain("(1 finding)");
  expect(verdict.message).toContain("pods app=zebra");
  expect(verdict.message).toContain("no namespace carries name=kube-system");
  expect(verdict.findings).toHaveLength(501);
  expect(lookedUp).toBeLessThanOrEqual(40);
});
