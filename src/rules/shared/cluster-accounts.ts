// Accounts of the cluster itself, which do what others have asked for.

/** They delete what belongs to a namespace or an owner that is deleted; one account where they have none of their own. */
export const clusterControllers: ReadonlySet<string> = new Set([
  "system:serviceaccount:kube-system:namespace-controller",
  "system:serviceaccount:kube-system:generic-garbage-collector",
  "system:kube-controller-manager",
]);
