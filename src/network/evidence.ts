/** What a verdict stands on: an object, the field of it that was looked at, and what follows from it. */
export interface Evidence {
  /** `DaemonSet kube-system/cilium`. */
  readonly object: string;
  /** `spec.template.spec.containers[cilium-agent].args`. */
  readonly field: string;
  readonly says: string;
}
