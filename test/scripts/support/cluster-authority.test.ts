import { X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { issueServing, makeAuthority } from "../../../scripts/support/certificates.ts";
import { clusterAuthority } from "../../../scripts/support/cluster-authority.ts";

let directory = "";
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "ringfence-authority-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

test("it is kept, with its key for nobody else, and signs what comes later", async () => {
  const file = join(directory, "certs/cluster.pem");
  const made = await clusterAuthority(file, 365);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await clusterAuthority(file, 365)).toEqual(made);
  const { certificatePem } = await issueServing(await clusterAuthority(file, 365), {
    names: ["a.test"],
    days: 9,
  });
  const root = new X509Certificate(made.certificatePem);
  const leaf = new X509Certificate(certificatePem);
  expect(leaf.checkIssued(root) && leaf.verify(root.publicKey)).toBe(true);
});

test("one that would end before the certificate is replaced, and stays trusted until it ends", async () => {
  const file = join(directory, "cluster.pem");
  const old = await makeAuthority(300);
  await writeFile(file, old.keyPem + old.certificatePem);
  expect((await clusterAuthority(file, 299)).certificatePem).toBe(old.certificatePem);
  const next = await clusterAuthority(file, 365);
  expect(next.certificatePem).not.toBe(old.certificatePem);
  expect(next.bundlePem).toBe(next.certificatePem + old.certificatePem);
  expect(await clusterAuthority(file, 365)).toEqual(next);
});

test("one that has ended is trusted no more", async () => {
  const file = join(directory, "cluster.pem");
  const old = await makeAuthority(-0.01);
  await writeFile(file, old.keyPem + old.certificatePem);
  const next = await clusterAuthority(file, 365);
  expect(next.bundlePem).toBe(next.certificatePem);
});

test("a file that is none is not written over", async () => {
  const file = join(directory, "cluster.pem");
  await writeFile(file, "mine\n");
  await expect(clusterAuthority(file, 365)).rejects.toThrow(
    /cluster\.pem does not hold a key and a certificate\. Restore it/,
  );
  expect(await readFile(file, "utf8")).toBe("mine\n");
});
