// How messages say how many there are.

/** `1 pod`, `3 pods`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** `not known`, `no namespace`, `1 namespace`, `3 namespaces`. */
export function countedNow(count: number | undefined, noun: string): string {
  if (count === undefined) return "not known";
  return count === 0 ? `no ${noun}` : counted(count, noun);
}
