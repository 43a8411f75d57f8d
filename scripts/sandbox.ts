import { spawn, type ChildProcess } from "node:child_process";
import { constants } from "node:os";
import { join } from "node:path";
import type { Sandbox } from "../test/control-plane/sandbox.ts";
import { inSandbox, userDirectory } from "./support/in-sandbox.ts";
import { sandboxShell } from "./support/sandbox-shell.ts";
import { runScript, UsageError } from "./support/script.ts";

const help = `usage: npm run sandbox -- [--config FILE] [COMMAND [ARGS…]]

Starts a real Kubernetes control plane (etcd, kube-apiserver, kube-controller-manager) on 127.0.0.1 with Ringfence
registered in front of it, runs COMMAND, passes its exit code on and leaves nothing behind. Without COMMAND it opens a
shell. There are no nodes: what is tried here is what the API server admits.

  --config FILE   Ringfence's configuration; your edits to it take effect at once. Default: operators are the groups
                  platform and system:masters, namespaces without labels are privileged

COMMAND finds in its environment:
  KUBECONFIG              the admin (group system:masters)
  KUBECONFIG_OPERATOR     olivia, of the group platform
  KUBECONFIG_TENANT       tom, of the group devs
  RINGFENCE_URL           https://127.0.0.1:PORT, for /validate and /mutate
  RINGFENCE_CA_FILE       the authority that signed its certificate
  RINGFENCE_CONFIG_FILE   the configuration that it follows: FILE, or one of its own
  RINGFENCE_LOG_FILE      its log
  RINGFENCE_HEALTH_URL    http://127.0.0.1:PORT, for /livez and /readyz
  RINGFENCE_METRICS_URL   http://127.0.0.1:PORT/metrics
  PATH                    with kubectl and ringfence in front

Example: npm run sandbox -- kubectl get namespaces
`;

const greeting = `
This shell talks to a control plane of its own; leaving it (exit) removes everything.
  kubectl create namespace shop
  kubectl label namespace shop ringfence.dev/enforce=baseline
  kubectl apply -n shop -f policy.yaml
  KUBECONFIG=$KUBECONFIG_TENANT kubectl …          the same as a tenant (KUBECONFIG_OPERATOR: as an operator)
  $RINGFENCE_CONFIG_FILE                           Ringfence's configuration: what you edit takes effect at once
  tail -f $RINGFENCE_LOG_FILE                      its log
  curl -s "$RINGFENCE_HEALTH_URL/readyz?verbose"   what is in force, and what it knows of the cluster
  curl -s $RINGFENCE_METRICS_URL                   what it counted
`;

interface Arguments {
  readonly configFile: string | undefined;
  readonly command: readonly string[];
}

/** Our own options stand before COMMAND; everything from COMMAND on is COMMAND's. */
function parse(args: readonly string[]): Arguments {
  const [first = "", ...rest] = args;
  if (first === "--config") {
    const [file, ...command] = rest;
    if (file === undefined || file === "") throw new UsageError("--config needs a file");
    return { ...parse(command), configFile: file };
  }
  if (first.startsWith("--config=")) return { ...parse(rest), configFile: first.slice("--config=".length) };
  if (first === "--") return { configFile: undefined, command: rest };
  if (first.startsWith("-")) throw new UsageError(`unknown option ${first}`);
  return { configFile: undefined, command: args };
}

await runScript(help, async (args) => {
  if (process.env.npm_config_config !== undefined)
    throw new UsageError("npm took --config for itself. Write: npm run sandbox -- --config FILE …");
  const { configFile, command } = parse(args);
  return await inSandbox(configFile, {}, async (sandbox, interruption) => {
    if (command.length === 0) process.stderr.write(greeting);
    const running = command.length === 0 ? await startShell(sandbox) : startCommand(command, sandbox);
    // From a terminal Ctrl-C reaches the command as well; we wait for what it makes of it.
    interruption.onSignal((name) => {
      if (name !== "SIGINT" || !process.stdin.isTTY) running.kill(name);
    });
    return await exitCode(running);
  });
});

function startCommand([program = "", ...args]: readonly string[], sandbox: Sandbox): ChildProcess {
  const env = sandbox.environment(process.env);
  return spawn(program, args, { stdio: "inherit", cwd: userDirectory, env });
}

async function startShell(sandbox: Sandbox): Promise<ChildProcess> {
  const shell = await sandboxShell({
    program: process.env.SHELL ?? "/bin/sh",
    variables: sandbox.variables,
    programs: sandbox.programs,
    directory: join(sandbox.controlPlane.address.directory, "shell"),
    env: process.env,
  });
  const env = { ...sandbox.environment(process.env), ...shell.env };
  return spawn(shell.command, [...shell.args], { stdio: "inherit", cwd: userDirectory, env });
}

/**
 * As a shell has it: the code of a command, 128 + the number of the signal that ended it, 127 where there is no such
 * command, 126 where it cannot be run.
 */
async function exitCode(child: ChildProcess): Promise<number> {
  return await new Promise((resolve) => {
    child.once("error", (error) => {
      const missing = "code" in error && error.code === "ENOENT";
      const why = missing ? "there is no such command" : "cannot be run: it is no program, or may not be run";
      process.stderr.write(`${child.spawnargs[0] ?? ""}: ${why}. See npm run sandbox -- --help\n`);
      resolve(missing ? 127 : 126);
    });
    child.once("exit", (code, signal) => {
      resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]);
    });
  });
}
