import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type Server } from "node:https";
import { describe, expect, onTestFinished, test } from "vitest";
import { makeDevelopmentCertificates } from "../../scripts/support/certificates.ts";
import { certificateFiles } from "#src/certificates/files.ts";
import type { CertificatePair, CertificateSource } from "#src/certificates/source.ts";
import { listen } from "#src/server/listen.ts";
import { secureContextOptions } from "#src/server/tls.ts";
import { loggerTo } from "#src/telemetry/logger.ts";
import { open, until, type LogLine } from "../server/webhook.ts";

const first = await makeDevelopmentCertificates();
const second = await makeDevelopmentCertificates();
const expired = await makeDevelopmentCertificates({ days: -0.01 });

interface Watched {
  readonly directory: string;
  readonly source: CertificateSource;
  readonly results: string[];
  readonly lines: LogLine[];
  readonly pairs: CertificatePair[];
  write(name: "tls.crt" | "tls.key", text: string): Promise<void>;
}

interface Files {
  readonly cert?: string;
  readonly key?: string;
  readonly pollInterval?: number;
  /** Writes the first pair; plain files unless given. */
  readonly lay?: (directory: string) => Promise<void>;
}

async function watchFiles(files: Files = {}): Promise<Watched> {
  const directory = await mkdtemp(join(tmpdir(), "ringfence-certificates-"));
  const write = async (name: string, text: string): Promise<void> => {
    await writeFile(join(directory, `${name}.next`), text);
    await rename(join(directory, `${name}.next`), join(directory, name));
  };
  if (files.lay === undefined) {
    await write("tls.crt", files.cert ?? first.serving.certificatePem);
    await write("tls.key", files.key ?? first.serving.keyPem);
  } else await files.lay(directory);
  const results: string[] = [];
  const lines: LogLine[] = [];
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const source = await certificateFiles({
    certFile: join(directory, "tls.crt"),
    keyFile: join(directory, "tls.key"),
    log: loggerTo({ write: (line) => void lines.push(JSON.parse(line) as LogLine) }, "debug"),
    now: () => new Date(),
    reloaded: (result) => results.push(result),
    ...(files.pollInterval !== undefined && { pollInterval: files.pollInterval }),
  });
  onTestFinished(() => source.close());
  const pairs: CertificatePair[] = [];
  source.onChange((pair) => pairs.push(pair));
  return { directory, source, results, lines, pairs, write };
}

describe("at the start", () => {
  test.each<[string, Files, RegExp]>([
    ["a key of another certificate", { key: second.serving.keyPem }, /private key does not belong/],
    ["no certificate", { cert: "nothing" }, /certificate cannot be read/],
    ["no key", { key: "nothing" }, /private key cannot be read/],
    ["expired", { cert: expired.serving.certificatePem, key: expired.serving.keyPem }, /expired at/],
    ["missing files", { lay: () => Promise.resolve() }, /no such file/],
  ])("%s: RF_ERR_CERTIFICATE that names the files and the flags", async (_, files, reason) => {
    const failure = watchFiles(files);
    await expect(failure).rejects.toMatchObject({ code: "RF_ERR_CERTIFICATE", exitCode: 2 });
    await expect(failure).rejects.toThrow(reason);
    await expect(failure).rejects.toThrow("--tls-cert-file");
  });
});

describe("while serving", () => {
  test("R73 a mismatched, corrupt or deleted pair leaves the last good one in use, is told once, and is mended", async () => {
    const watched = await watchFiles({ pollInterval: 50 });
    await watched.write("tls.crt", second.serving.certificatePem);
    await until("the mismatch is seen", () => watched.source.problem() !== undefined);
    expect(watched.source.problem()).toMatch(/private key does not belong/);
    await watched.write("tls.crt", "corrupt");
    await until("the corruption is seen", () => watched.results.length === 2);
    await rm(join(watched.directory, "tls.key"));
    await watched.write("tls.crt", first.serving.certificatePem);
    await until("the loss is seen", () => /no such file/.test(watched.source.problem() ?? ""));
    expect(watched.source.current().cert).toBe(first.serving.certificatePem);
    expect(watched.pairs).toEqual([]);
    expect(new Set(watched.results)).toEqual(new Set(["failed"]));
    const told = watched.lines.filter(({ level }) => level === "error").map(({ problem }) => problem);
    expect(told.length).toBe(watched.results.length);

    await watched.write("tls.crt", second.serving.certificatePem);
    await watched.write("tls.key", second.serving.keyPem);
    await until("the good pair is in use", () => watched.pairs.length === 1);
    expect(watched.source.current().key).toBe(second.serving.keyPem);
    expect(watched.source.problem()).toBeUndefined();
    expect(watched.results.at(-1)).toBe("ok");
  });

  test("an expired pair is not taken over", async () => {
    const watched = await watchFiles({ pollInterval: 50 });
    await watched.write("tls.key", expired.serving.keyPem);
    await watched.write("tls.crt", expired.serving.certificatePem);
    await until("it is refused", () => /expired at/.test(watched.source.problem() ?? ""));
    expect(watched.source.current().cert).toBe(first.serving.certificatePem);
  });

  /** As the kubelet lays out a mounted Secret: the files point through `..data`, which is swapped. */
  async function mount(directory: string, version: string, pair: typeof first): Promise<void> {
    await mkdir(join(directory, version));
    await writeFile(join(directory, version, "tls.crt"), pair.serving.certificatePem);
    await writeFile(join(directory, version, "tls.key"), pair.serving.keyPem);
    await symlink(version, join(directory, "..data_tmp"));
    await rename(join(directory, "..data_tmp"), join(directory, "..data"));
  }

  test("R77 the swap of a mounted Secret's symlink is noticed by the directory's events alone", async () => {
    // Polling is put out of reach.
    const watched = await watchFiles({
      pollInterval: 3_600_000,
      lay: async (directory) => {
        await mount(directory, "..v1", first);
        for (const name of ["tls.crt", "tls.key"]) await symlink(`..data/${name}`, join(directory, name));
      },
    });
    await mount(watched.directory, "..v2", second);
    await until("it is taken over", () => watched.pairs.length === 1);
    expect(watched.source.current().notAfter.getTime()).toBeGreaterThan(Date.now());
    expect(watched.results).toEqual(["ok"]);
  });
});

describe("R72: a new secure context", () => {
  async function startTls(): Promise<{ server: Server; port: number }> {
    const pair = { cert: first.serving.certificatePem, key: first.serving.keyPem };
    const server = createServer({ ...secureContextOptions(pair), ALPNProtocols: ["http/1.1"] });
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    return { server, port: await listen(server, { host: "127.0.0.1", port: 0 }) };
  }

  test("R72 versions, ciphers and ALPN are after it as before", async () => {
    const { server, port } = await startTls();
    const probe = async (ca: string): Promise<unknown[]> => {
      const seen: unknown[] = [];
      for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
        const options = { ca, minVersion: version, maxVersion: version, ALPNProtocols: ["http/1.1"] };
        const socket = await open({ port }, options);
        seen.push(socket.getProtocol(), socket.getCipher().name, socket.alpnProtocol);
        socket.destroy();
      }
      for (const refused of [
        { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" },
        { minVersion: "TLSv1.2", maxVersion: "TLSv1.2", ciphers: "ECDHE-ECDSA-AES128-SHA" },
      ] as const) {
        const refusal = await open({ port }, { ca, ...refused }).then(
          () => "accepted",
          () => "refused",
        );
        seen.push(refusal);
      }
      return seen;
    };
    const before = await probe(first.authority.certificatePem);
    expect(before.slice(-2)).toEqual(["refused", "refused"]);
    server.setSecureContext(
      secureContextOptions({ cert: second.serving.certificatePem, key: second.serving.keyPem }),
    );
    expect(await probe(second.authority.certificatePem)).toEqual(before);
  });
});
