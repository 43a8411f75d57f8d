import { execFile } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { builtTools } from "../control-plane/go-build.ts";
import { readGoModule } from "../control-plane/go-module.ts";
import type { Progress } from "../control-plane/progress.ts";
import type { Place } from "./place.ts";
import { deployments } from "./sets.ts";

export type HelmProgram = "helm3" | "helm4";

/** The folder of both programs, built from their Go modules where they are not built yet. Throws with what to do without Go. */
export async function helmPrograms(progress: Progress): Promise<string> {
  const module = readGoModule({
    directory: join(import.meta.dirname, "helm"),
    title: "helm",
    modulePath: "helm.sh/helm/v4",
    packages: { helm3: "helm.sh/helm/v3/cmd/helm", helm4: "helm.sh/helm/v4/cmd/helm" },
    coldBuild: "about three minutes",
  });
  const withoutGo = "Helm is built from its Go modules: install Go (https://go.dev/dl).";
  return await builtTools(module, { progress, withoutGo });
}

/** Helm in a place, with the chart as `setChart` left it. */
export class Helm {
  readonly #program: string;
  readonly #place: Place;

  constructor(programs: string, program: HelmProgram, place: Place) {
    this.#program = join(programs, program);
    this.#place = place;
  }

  /** Writes the chart: one template for each policy, named after it, and one for the Deployments where they are asked for. */
  async setChart(
    set: readonly { readonly metadata: { readonly name: string } }[],
    workloads = false,
  ): Promise<void> {
    const chart = join(this.#place.directory, "chart");
    const templates = join(chart, "templates");
    await rm(chart, { recursive: true, force: true });
    await mkdir(templates, { recursive: true });
    await writeFile(join(chart, "Chart.yaml"), "apiVersion: v2\nname: shop\nversion: 1.0.0\n");
    for (const object of set) {
      await writeFile(join(templates, `${object.metadata.name}.yaml`), JSON.stringify(object));
    }
    const documents = workloads ? deployments : [];
    if (documents.length > 0) {
      const text = documents.map((object) => JSON.stringify(object)).join("\n---\n");
      await writeFile(join(templates, "workloads.yaml"), text);
    }
  }

  /** `helm ARGS` as the tenant; whether it ended well. */
  async run(...args: readonly string[]): Promise<boolean> {
    const { controlPlane, namespace, directory } = this.#place;
    const home = (name: string): string => join(directory, "helm", name);
    const env = {
      ...process.env,
      KUBECONFIG: controlPlane.address.kubeconfigs.tenant,
      HELM_CACHE_HOME: home("cache"),
      HELM_CONFIG_HOME: home("config"),
      HELM_DATA_HOME: home("data"),
    };
    return await new Promise((resolve) => {
      execFile(
        this.#program,
        ["-n", namespace, ...args],
        { env, cwd: directory },
        (error, stdout, stderr) => {
          if (process.env.DEBUG !== undefined)
            process.stderr.write(`helm ${args.join(" ")}\n${stdout}${stderr}`);
          resolve(error === null);
        },
      );
    });
  }
}
