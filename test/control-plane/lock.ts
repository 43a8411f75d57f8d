import { mkdtemp, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

interface Owner {
  readonly pid: number;
  readonly host: string;
}

/** The holder touches the lock this often; a lock untouched for `staleMs` belongs to nobody any more. */
const touchMs = 5_000;
const staleMs = 60_000;
const ownerFile = "owner.json";

/**
 * Runs `work` while holding the lock folder `path`: one holder at a time among all processes of this machine.
 * A lock whose holder has died (on this host) or has not touched it for a minute is taken over.
 * `waiting` is called once a second while somebody else holds it; returning true gives the waiting up (`undefined`).
 */
export async function withLock<T>(
  path: string,
  waiting: (holder: string) => Promise<boolean> | boolean,
  work: () => Promise<T>,
): Promise<T | undefined> {
  for (;;) {
    if (await acquire(path)) break;
    const owner = await readOwner(path);
    if (await isStale(path, owner)) {
      await discard(path);
      continue;
    }
    if (await waiting(owner === undefined ? "another process" : `process ${owner.pid} on ${owner.host}`)) {
      return undefined;
    }
    await sleep(1000);
  }
  const timer = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => {
      // Taken away from us: we go on, for builds end in a rename that only one of us wins.
    });
  }, touchMs);
  timer.unref();
  try {
    return await work();
  } finally {
    clearInterval(timer);
    await rm(path, { recursive: true, force: true });
  }
}

/**
 * The lock is made aside with its owner written and then renamed into place, which fails where a lock stands: a folder
 * that is not empty is never replaced. So nobody ever sees a lock without an owner.
 */
async function acquire(path: string): Promise<boolean> {
  const made = await mkdtemp(`${path}.new-`);
  const owner: Owner = { pid: process.pid, host: hostname() };
  await writeFile(join(made, ownerFile), JSON.stringify(owner));
  try {
    await rename(made, path);
    return true;
  } catch (error) {
    await rm(made, { recursive: true, force: true });
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOTEMPTY" || code === "EEXIST") return false;
    throw error;
  }
}

async function readOwner(path: string): Promise<Owner | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(join(path, ownerFile), "utf8"));
    if (typeof value !== "object" || value === null || !("pid" in value) || !("host" in value))
      return undefined;
    if (typeof value.pid !== "number" || typeof value.host !== "string") return undefined;
    return { pid: value.pid, host: value.host };
  } catch {
    // Just removed; or nobody's work, then the age of the folder decides.
    return undefined;
  }
}

async function isStale(path: string, owner: Owner | undefined): Promise<boolean> {
  if (owner !== undefined && owner.host === hostname() && !isAlive(owner.pid)) return true;
  try {
    return Date.now() - (await stat(path)).mtimeMs > staleMs;
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Renaming first: of two that find the same stale lock only one gets it. */
async function discard(path: string): Promise<void> {
  const aside = `${path}.stale-${process.pid}-${Date.now()}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  await rm(aside, { recursive: true, force: true });
}
