import { rename, writeFile } from "node:fs/promises";

/** Replaces a file by renaming: nobody reads half of it, and it gets this mode (an existing file would keep its own). */
export async function replaceFile(file: string, text: string, mode = 0o644): Promise<void> {
  await writeFile(`${file}.next`, text, { mode });
  await rename(`${file}.next`, file);
}
