import { createPrivateKey, X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import type { CertificatePair } from "./source.ts";

/**
 * Checks a PEM chain and its key: both parse, the key is the leaf's, and the leaf is valid at `now`. Throws an Error
 * that says which of these fails.
 */
export function checkPair(cert: string, key: string, now: Date): CertificatePair {
  const leaf = attempt("the certificate cannot be read", () => new X509Certificate(cert));
  const privateKey = attempt("the private key cannot be read", () => createPrivateKey(key));
  if (!leaf.checkPrivateKey(privateKey))
    throw new Error("the private key does not belong to the certificate");
  attempt("the certificate and key cannot be served", () => createSecureContext({ cert, key }));
  if (leaf.validToDate <= now)
    throw new Error(`the certificate expired at ${leaf.validToDate.toISOString()}`);
  if (leaf.validFromDate > now) {
    throw new Error(`the certificate is not valid before ${leaf.validFromDate.toISOString()}`);
  }
  return { cert, key, notAfter: leaf.validToDate };
}

function attempt<T>(problem: string, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    throw new Error(problem, { cause });
  }
}
