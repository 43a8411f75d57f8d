import type { OracleSource } from "./case.ts";
import { cyclonusCases } from "./cyclonus/cases.ts";
import { readCases } from "./read.ts";

/** The version and the commit that were read. */
const kubernetes = "k8s.io/kubernetes v1.36.3";
const cyclonus = "github.com/mattfenwick/cyclonus at 12f646fbd7d3";

/** Every source with its cases. */
export function oracleSources(): readonly OracleSource[] {
  return [
    {
      id: "kubernetes-e2e",
      title: "Kubernetes, end-to-end tests of network policies",
      source: `${kubernetes}, test/e2e/network/netpol`,
      states: "each test, cell by cell",
      cases: readCases("kubernetes-e2e", "network_policy.go"),
    },
    {
      id: "cyclonus",
      title: "cyclonus, generated cases",
      source: `${cyclonus}, pkg/generator`,
      states: "the engine of cyclonus, recorded",
      cases: cyclonusCases(),
    },
    {
      id: "cyclonus-engine",
      title: "cyclonus, tests of its engine",
      source: `${cyclonus}, pkg/matcher/policy_tests.go`,
      states: "each test, one cell",
      cases: readCases("cyclonus-engine", "policy_tests.go"),
    },
  ];
}
