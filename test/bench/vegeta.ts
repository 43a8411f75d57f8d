import { join } from "node:path";
import { builtTools } from "../control-plane/go-build.ts";
import { readGoModule } from "../control-plane/go-module.ts";
import type { Progress } from "../control-plane/progress.ts";

/** The load generator, built from its Go module where it is not built yet. Throws with what to do without Go. */
export async function vegetaProgram(progress: Progress): Promise<string> {
  const module = readGoModule({
    directory: join(import.meta.dirname, "vegeta"),
    title: "load generator",
    modulePath: "github.com/tsenart/vegeta/v12",
    packages: { vegeta: "github.com/tsenart/vegeta/v12" },
    coldBuild: "half a minute",
  });
  const withoutGo =
    "The benchmark's load comes from vegeta, which is built from its Go module: install Go (https://go.dev/dl).";
  return join(await builtTools(module, { progress, withoutGo }), "vegeta");
}
