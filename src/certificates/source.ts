/** A certificate chain with its key, checked: both parse and belong together. PEM. */
export interface CertificatePair {
  readonly cert: string;
  readonly key: string;
  /** When the leaf expires. */
  readonly notAfter: Date;
}

/** Where the serving certificate comes from: files, later a Secret of our own. */
export interface CertificateSource {
  /** The last good pair. */
  current(): CertificatePair;
  /** Why the newest material is not in use; undefined while it is. */
  problem(): string | undefined;
  /** Calls back with each new good pair. */
  onChange(listener: (pair: CertificatePair) => void): void;
  close(): void;
}
