// The explicit list of plugins, in the order in which they are told.
import { calico } from "./calico.ts";
import { flannel } from "./flannel.ts";
import type { Plugin } from "./plugin.ts";

export const plugins: readonly Plugin[] = [calico, flannel];
