import type { SecureContextOptions } from "node:tls";

/** A PEM certificate chain and its key. */
export interface ServingPair {
  readonly cert: string;
  readonly key: string;
}

/** Forward secrecy and authenticated encryption only; Go's client offers every one of them. */
const ciphers = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
].join(":");

/**
 * Everything that the secure context is made of, for the first pair and each later one alike:
 * `server.setSecureContext` replaces the whole context, and what is not given again falls back to Node's defaults
 * (minVersion among them). kube-apiserver speaks TLS 1.2 at least.
 */
export function secureContextOptions(pair: ServingPair): SecureContextOptions {
  return {
    cert: pair.cert,
    key: pair.key,
    minVersion: "TLSv1.2",
    maxVersion: "TLSv1.3",
    ciphers,
    honorCipherOrder: true,
  };
}
