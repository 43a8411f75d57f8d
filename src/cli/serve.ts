import { Command as Parser, InvalidArgumentError, Option } from "commander";
import { logLevels, type LogLevel } from "../telemetry/logger.ts";
import type { ServeOptions } from "../serve/compose.ts";
import { serveUntilSignal } from "../serve/run.ts";
import { parseArguments, type Command } from "./command.ts";

/** `ringfence serve`: runs until a signal ends it. */
export const serve: Command = {
  run: async (args, io) => {
    const parser = new Parser("serve")
      .description("Serve the admission webhook over TLS, with health and metrics on a port of their own.")
      .requiredOption(
        "--config <file>",
        "the RingfenceConfiguration; changes are taken over without a restart",
      )
      .option("--kubeconfig <file>", "how to reach the cluster; without it the pod's service account")
      .requiredOption(
        "--tls-cert-file <file>",
        "PEM certificate chain; changes are taken over without a restart",
      )
      .requiredOption("--tls-private-key-file <file>", "PEM private key of the certificate")
      .option("--bind-address <address>", "where both ports listen", "0.0.0.0")
      .option("--port <number>", "webhook port; 0 for any free one", port, 9443)
      .option("--health-port <number>", "port of health and metrics; 0 for any free one", port, 8080)
      .option(
        "--lease-namespace <name>",
        "where the replicas agree by a Lease who writes companions; that of the pod unless given, or ringfence-system",
      )
      .option("--lease-name <name>", "name of that Lease", "ringfence")
      .addOption(
        new Option("--lease-duration <duration>", "after which a replica that does not renew it has gone")
          .argParser(leaseDuration)
          .default(15_000, "15s"),
      )
      .addOption(
        new Option("--log-level <level>", "least severe level written").choices(logLevels).default("info"),
      )
      .addOption(
        new Option("--shutdown-delay <duration>", "how long SIGTERM leaves the listener open (5s, 500ms)")
          .argParser(delay)
          .default(5_000, "5s"),
      );
    const done = parseArguments(parser, args, io);
    if (done !== undefined) return done;
    return serveUntilSignal(parser.opts<Flags>());
  },
};

type Flags = ServeOptions & { logLevel: LogLevel };

/** The Lease counts whole seconds. */
function leaseDuration(text: string): number {
  const milliseconds = delay(text);
  if (milliseconds < 1_000 || milliseconds % 1_000 !== 0)
    throw new InvalidArgumentError("Write whole seconds, at least 1s.");
  return milliseconds;
}

function port(text: string): number {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number <= 65_535)) throw new InvalidArgumentError("Write a number from 0 to 65535.");
  return number;
}

/** Seconds or milliseconds; a bare number means seconds. */
function delay(text: string): number {
  const match = /^(\d{1,6}(?:\.\d{1,3})?)(ms|s|m)?$/.exec(text);
  if (match === null) throw new InvalidArgumentError("Write a duration such as 5s or 500ms.");
  const scale = match[2] === "ms" ? 1 : match[2] === "m" ? 60_000 : 1_000;
  return Number(match[1]) * scale;
}
