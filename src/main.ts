/** argv -> command (loaded when called) -> exit code; nothing else. */
export function main(argv: readonly string[]): Promise<number> {
  void argv;
  return Promise.resolve(2);
}
