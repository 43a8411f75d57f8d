import { z } from "zod";
import { address } from "./scalars.ts";

/** The section `apiServer`. */
export const apiServer = z
  .strictObject({
    addresses: z
      .array(address)
      .min(1, { error: "must name an address" })
      .describe(
        "Where pods reach it, after the Service kubernetes: of a load balancer, or of a proxy before it.",
      ),
    ports: z
      .array(z.int().min(1).max(65535))
      .min(1, { error: "must name a port" })
      .default([6443])
      .describe("The TCP ports at these addresses."),
  })
  .optional()
  .describe(
    "Where pods reach the API server, in place of what its Service default/kubernetes and the EndpointSlices of that say.",
  );
