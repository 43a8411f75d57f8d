/** Reviews that cost more than others, within the configured limits. */
export const hardCases = ["policies", "pods", "peers", "search", "ports", "values"] as const;
export type HardCase = (typeof hardCases)[number];

/** Of each, for people. */
export const hardTexts: Readonly<Record<HardCase, string>> = {
  policies: "a namespace with 500 policies, selectors of every operator",
  pods: "a namespace with 2 000 pods, no two with the same labels",
  peers: "a policy with 1 000 peers of every kind",
  search: "130 policies that allow DNS and only together cover selectors of 24 keys and 191 values",
  ports: "the same with one policy for UDP and one for TCP",
  values: "200 policies that allow DNS, each with 496 values in its selector",
};

/** The namespace in which a hard case is asked. */
export function hardNamespace(hard: HardCase): string {
  return `bench-hard-${hard}`;
}
