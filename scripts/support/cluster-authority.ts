import { X509Certificate } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { makeAuthority, type CertificateAuthority } from "./certificates.ts";
import { replaceFile } from "./replace-file.ts";

const dayMs = 86_400_000;

/** An authority outlives ten serving certificates of a year. */
const authorityDays = 3_650;

/** The authority of a cluster's certificates, and every one that the API server is to trust. */
export interface ClusterAuthority extends CertificateAuthority {
  /** The authority's certificate and, after it was replaced, that of its forerunner as long as it is valid. */
  readonly bundlePem: string;
}

/**
 * The authority kept in `file` (PEM: its key, its certificate, that of its forerunner); made where there is none, and
 * replaced where it would end before a serving certificate of so many days. It is kept so that the old and the new
 * serving certificate are both trusted while the new one is on its way: the kubelet takes a minute to write a Secret,
 * and the webhook fails closed. Rejects where what is there cannot be read.
 */
export async function clusterAuthority(file: string, days: number): Promise<ClusterAuthority> {
  const kept = await read(file);
  if (kept !== undefined && validUntil(kept) >= Date.now() + days * dayMs) return kept;
  const made = await makeAuthority(Math.max(authorityDays, days + 1));
  const forerunner = kept !== undefined && validUntil(kept) > Date.now() ? kept.certificatePem : "";
  const bundlePem = made.certificatePem + forerunner;
  await mkdir(dirname(file), { recursive: true });
  await replaceFile(file, made.keyPem + bundlePem, 0o600);
  return { ...made, bundlePem };
}

async function read(file: string): Promise<ClusterAuthority | undefined> {
  const text = await readIfThere(file);
  if (text === undefined) return undefined;
  const [keyPem] = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n/.exec(text) ?? [];
  const certificates = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/g) ?? [];
  const [certificatePem] = certificates;
  if (keyPem === undefined || certificatePem === undefined) {
    throw new Error(
      `${file} does not hold a key and a certificate. Restore it, or delete it: a new authority is then made`,
    );
  }
  return { keyPem, certificatePem, bundlePem: certificates.join("") };
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function validUntil({ certificatePem }: CertificateAuthority): number {
  return new X509Certificate(certificatePem).validToDate.getTime();
}
