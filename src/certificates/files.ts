import { watch, type FSWatcher } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { BaseLogger } from "pino";
import { messageOf, RingfenceError } from "../errors.ts";
import { checkPair } from "./pair.ts";
import type { CertificatePair, CertificateSource } from "./source.ts";

export interface CertificateFilesOptions {
  readonly certFile: string;
  readonly keyFile: string;
  readonly log: BaseLogger;
  readonly now: () => Date;
  /** Told of each attempt to take over changed files. */
  readonly reloaded: (result: "ok" | "failed") => void;
  /** Milliseconds between looks at the files, beside what the file system announces. */
  readonly pollInterval?: number;
}

const defaultPollInterval = 10_000;
/** The two files are read one after the other: a swap in between is over after this many milliseconds. */
const secondLook = 100;

/**
 * A pair from two PEM files. Changes are noticed by polling and by watching the *directories*: a mounted Secret is
 * changed by swapping the symlink `..data`, of which a watch on the file itself hears nothing. A pair that is not good
 * is not taken over; the last good one stays, and `problem` says why. Rejects with RF_ERR_CERTIFICATE where there is
 * no good pair to begin with.
 */
export async function certificateFiles(options: CertificateFilesOptions): Promise<CertificateSource> {
  const files = new CertificateFiles(options, await firstPair(options));
  files.start();
  return files;
}

async function firstPair(options: CertificateFilesOptions): Promise<CertificatePair> {
  try {
    return await readPair(options);
  } catch (cause) {
    const { certFile, keyFile } = options;
    throw new RingfenceError(
      "RF_ERR_CERTIFICATE",
      `cannot serve TLS with ${certFile} and ${keyFile}: ${messageOf(cause)}. ` +
        "Give a PEM certificate chain and its key by --tls-cert-file and --tls-private-key-file",
      { cause },
    );
  }
}

async function readPair({ certFile, keyFile, now }: CertificateFilesOptions): Promise<CertificatePair> {
  const look = async (): Promise<CertificatePair> =>
    checkPair(await readFile(certFile, "utf8"), await readFile(keyFile, "utf8"), now());
  try {
    return await look();
  } catch {
    await sleep(secondLook);
    return look();
  }
}

class CertificateFiles implements CertificateSource {
  readonly #options: CertificateFilesOptions;
  readonly #listeners: ((pair: CertificatePair) => void)[] = [];
  readonly #watchers: FSWatcher[] = [];
  #timer: NodeJS.Timeout | undefined;
  #pair: CertificatePair;
  #problem: string | undefined;
  #looking: Promise<void> | undefined;
  #again = false;

  constructor(options: CertificateFilesOptions, pair: CertificatePair) {
    this.#options = options;
    this.#pair = pair;
  }

  start(): void {
    this.#timer = setInterval(() => this.#look(), this.#options.pollInterval ?? defaultPollInterval);
    this.#timer.unref();
    const { certFile, keyFile } = this.#options;
    // A Secret is updated by swapping the symlink `..data`. Other files of the directory, a log perhaps, are none of ours.
    const names = new Set([basename(certFile), basename(keyFile), "..data"]);
    for (const directory of new Set([dirname(certFile), dirname(keyFile)])) {
      try {
        const watcher = watch(directory, { persistent: false }, (_, name) => {
          if (name === null || names.has(name)) this.#look();
        });
        // Polling goes on where watching cannot.
        watcher.on("error", (error) => {
          this.#options.log.debug({ err: error, directory }, "certificate directory cannot be watched");
        });
        this.#watchers.push(watcher);
      } catch (error) {
        this.#options.log.debug({ err: error, directory }, "certificate directory cannot be watched");
      }
    }
  }

  current(): CertificatePair {
    return this.#pair;
  }

  problem(): string | undefined {
    if (this.#pair.notAfter <= this.#options.now()) {
      return `the certificate in use expired at ${this.#pair.notAfter.toISOString()}`;
    }
    return this.#problem;
  }

  onChange(listener: (pair: CertificatePair) => void): void {
    this.#listeners.push(listener);
  }

  close(): void {
    clearInterval(this.#timer);
    for (const watcher of this.#watchers) watcher.close();
  }

  /** One look at a time; what is announced during one leads to one more. */
  #look(): void {
    if (this.#looking !== undefined) {
      this.#again = true;
      return;
    }
    this.#looking = this.#takeOver().finally(() => {
      this.#looking = undefined;
      if (!this.#again) return;
      this.#again = false;
      this.#look();
    });
  }

  async #takeOver(): Promise<void> {
    const { log, reloaded } = this.#options;
    try {
      const pair = await readPair(this.#options);
      const changed = pair.cert !== this.#pair.cert || pair.key !== this.#pair.key;
      if (this.#problem !== undefined && !changed) log.info("certificate files are good again");
      this.#problem = undefined;
      if (!changed) return;
      for (const listener of this.#listeners) listener(pair);
      this.#pair = pair;
      reloaded("ok");
      log.info({ notAfter: pair.notAfter.toISOString() }, "certificate taken over");
    } catch (error) {
      const problem = messageOf(error);
      if (problem === this.#problem) return;
      this.#problem = problem;
      reloaded("failed");
      log.error({ problem }, "certificate files are not good; the last good pair stays in use");
    }
  }
}
