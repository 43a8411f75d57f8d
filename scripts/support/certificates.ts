// @peculiar/x509 injects its parts through this; it must be loaded first.
import "reflect-metadata";
import { randomBytes, webcrypto } from "node:crypto";
import { isIP } from "node:net";
import * as x509 from "@peculiar/x509";

export interface CertificateAuthority {
  readonly certificatePem: string;
  readonly keyPem: string;
}

export interface ServingCertificate {
  readonly certificatePem: string;
  readonly keyPem: string;
}

export interface DevelopmentCertificates {
  readonly authority: CertificateAuthority;
  readonly serving: ServingCertificate;
}

/** Where a webhook is called: by its Service in a cluster, on the loopback address in tests. */
export const defaultNames: readonly string[] = [
  "localhost",
  "127.0.0.1",
  "ringfence.ringfence-system.svc",
  "ringfence.ringfence-system.svc.cluster.local",
];

export interface CertificateOptions {
  /** Subject alternative names, DNS names and IP addresses mixed. */
  readonly names?: readonly string[];
  readonly days?: number;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const dayMs = 86_400_000;

/** Clocks differ between machines: a certificate that begins now is not valid yet on some of them. */
const backdatedMs = 3_600_000;

/**
 * A certificate authority (ECDSA P-256) and a serving certificate that it signed, both as PEM (keys as PKCS #8),
 * valid for a year unless `days` says otherwise. For development and tests: whoever has the authority's key can
 * stand in for Ringfence.
 */
export async function makeDevelopmentCertificates(
  options: CertificateOptions = {},
): Promise<DevelopmentCertificates> {
  const { names = defaultNames, days = 365 } = options;
  const authority = await makeAuthority(days);
  return { authority, serving: await issueServing(authority, { names, days }) };
}

/** A certificate authority that is valid for so many days from now. */
export async function makeAuthority(days: number): Promise<CertificateAuthority> {
  const keys = await generateKeys();
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: randomSerial(),
    name: "CN=ringfence development CA",
    ...validity(days),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificatePem: pem(authority), keyPem: await privateKeyPem(keys) };
}

/** A serving certificate with a key of its own, signed by the authority. Rejects where the authority's PEM is none. */
export async function issueServing(
  authority: CertificateAuthority,
  { names, days }: Required<CertificateOptions>,
): Promise<ServingCertificate> {
  const issuer = new x509.X509Certificate(authority.certificatePem);
  const keys = await generateKeys();
  const serving = await x509.X509CertificateGenerator.create({
    serialNumber: randomSerial(),
    subject: "CN=ringfence",
    issuer: issuer.subject,
    ...validity(days),
    publicKey: keys.publicKey,
    signingKey: await importKey(authority.keyPem),
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names.map(alternativeName)),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
    ],
  });
  return { certificatePem: pem(serving), keyPem: await privateKeyPem(keys) };
}

function validity(days: number): { readonly notBefore: Date; readonly notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - backdatedMs), notAfter: new Date(now + days * dayMs) };
}

async function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}

/** 16 random bytes, the first bit 0, for a serial number is a positive integer. */
function randomSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString("hex");
}

function alternativeName(name: string): x509.JsonGeneralName {
  return { type: isIP(name) === 0 ? "dns" : "ip", value: name };
}

async function importKey(keyPem: string): Promise<webcrypto.CryptoKey> {
  const der = Buffer.from(keyPem.replaceAll(/-----[A-Z ]+-----|\s/g, ""), "base64");
  return await webcrypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]);
}

function pem(certificate: x509.X509Certificate): string {
  return `${certificate.toString("pem")}\n`;
}

async function privateKeyPem(keys: webcrypto.CryptoKeyPair): Promise<string> {
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
  const lines = pkcs8.match(/.{1,64}/g) ?? [];
  return ["-----BEGIN PRIVATE KEY-----", ...lines, "-----END PRIVATE KEY-----", ""].join("\n");
}
