import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { Socket } from "node:net";

/**
 * Kills what was started and removes the folder when we are gone, however we went: it reads commands from a pipe,
 * and the end of the pipe, also that of a parent killed by SIGKILL, is its signal. It runs in a session of its own,
 * so that Ctrl-C does not reach it. Every process it is told of leads a process group.
 */
const script = `
pids=
while read -r action pid; do
  case $action in
    watch) pids="$pids $pid" ;;
    forget) left=; for p in $pids; do [ "$p" = "$pid" ] || left="$left $p"; done; pids=$left ;;
  esac
done
for p in $pids; do kill -9 -"$p" 2>/dev/null; done
for try in 1 2 3 4 5; do rm -rf "$1" 2>/dev/null && break; sleep 0.2; done
`;

export interface Warden {
  watch(pid: number): void;
  forget(pid: number): void;
  /** Kills what is still watched, removes the folder, and resolves when that is done. */
  dismiss(): Promise<void>;
}

/** Starts a warden over `directory`, which it removes at the end. */
export function startWarden(directory: string): Warden {
  const child = spawn("/bin/sh", ["-c", script, "ringfence-warden", directory], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
    cwd: "/",
    // It needs rm and sleep, whatever PATH we were given.
    env: { PATH: `${process.env.PATH ?? ""}:/usr/bin:/bin` },
  });
  const { stdin } = child;
  // Waiting for the warden must not keep our own process alive.
  child.unref();
  if (stdin instanceof Socket) stdin.unref();
  return {
    watch: (pid) => stdin.write(`watch ${pid}\n`),
    forget: (pid) => stdin.write(`forget ${pid}\n`),
    dismiss: () => dismiss(child),
  };
}

async function dismiss(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.ref();
  const exited = once(child, "exit");
  child.stdin?.end();
  await exited;
}
