import { argoCdWays } from "./argo-cd-ways.ts";
import { deletingWays } from "./deleting-ways.ts";
import { fluxWays } from "./flux-ways.ts";
import { kubectlChanging } from "./kubectl-changing.ts";
import { kubectlCreating } from "./kubectl-creating.ts";
import type { Tool, Way } from "./way.ts";

const tools: readonly Tool[] = ["kubectl", "Argo CD", "Flux"];

/** The ways that need no program but kubectl, tool by tool. */
export const ways: readonly Way[] = tools.flatMap((tool) =>
  [...kubectlCreating, ...kubectlChanging, ...argoCdWays, ...fluxWays, ...deletingWays].filter(
    (way) => way.tool === tool,
  ),
);
