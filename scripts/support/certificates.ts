// @peculiar/x509 injects its parts through this; it must be loaded first.
import "reflect-metadata";
import { randomBytes, webcrypto } from "node:crypto";
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
  const notBefore = new Date(Date.now() - backdatedMs);
  const notAfter = new Date(Date.now() + days * dayMs);
  const authorityKeys = await generateKeys();
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: randomSerial(),
    name: "CN=ringfence development CA",
    notBefore,
    notAfter,
    keys: authorityKeys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  });
  const servingKeys = await generateKeys();
  const serving = await x509.X509CertificateGenerator.create({
    serialNumber: randomSerial(),
    subject: "CN=ringfence",
    issuer: authority.subject,
    notBefore,
    notAfter,
    publicKey: servingKeys.publicKey,
    signingKey: authorityKeys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names.map(alternativeName)),
      await x509.SubjectKeyIdentifierExtension.create(servingKeys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(authority),
    ],
  });
  return {
    authority: { certificatePem: pem(authority), keyPem: await privateKeyPem(authorityKeys) },
    serving: { certificatePem: pem(serving), keyPem: await privateKeyPem(servingKeys) },
  };
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
  return /^[\d.]+$|:/.test(name) ? { type: "ip", value: name } : { type: "dns", value: name };
}

function pem(certificate: x509.X509Certificate): string {
  return `${certificate.toString("pem")}\n`;
}

async function privateKeyPem(keys: webcrypto.CryptoKeyPair): Promise<string> {
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
  const lines = pkcs8.match(/.{1,64}/g) ?? [];
  return ["-----BEGIN PRIVATE KEY-----", ...lines, "-----END PRIVATE KEY-----", ""].join("\n");
}
