/** A time as Kubernetes' MicroTime: the API server takes exactly six digits behind the point. */
export function microTime(time: Date): string {
  return time.toISOString().replace("Z", "000Z");
}
