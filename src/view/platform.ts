import type { DnsFacts } from "../network/dns/detect.ts";
import type { DnsProfile } from "../network/dns-profile.ts";
import { metadataServer, type MetadataServer } from "../network/metadata-server.ts";

/** What is detected of the platform, found once as long as nothing changes on which it depends. */
export class Platform {
  readonly #facts: () => DnsFacts | undefined;
  readonly #detect: (facts: DnsFacts | undefined) => DnsProfile;
  /** What was detected, and from which facts. */
  #dns: { readonly profile: DnsProfile; readonly facts: DnsFacts | undefined } | undefined = undefined;
  #metadata: { readonly found: MetadataServer; readonly facts: DnsFacts | undefined } | undefined = undefined;

  /** `facts` are what was read beside the objects that are followed, the same object as long as they are the same. */
  constructor(facts: () => DnsFacts | undefined, detect: (facts: DnsFacts | undefined) => DnsProfile) {
    this.#facts = facts;
    this.#detect = detect;
  }

  get dns(): DnsProfile {
    const facts = this.#facts();
    if (this.#dns === undefined || this.#dns.facts !== facts) {
      this.#dns = { profile: this.#detect(facts), facts };
    }
    return this.#dns.profile;
  }

  get metadata(): MetadataServer {
    const facts = this.#facts();
    if (this.#metadata === undefined || this.#metadata.facts !== facts) {
      this.#metadata = { found: metadataServer(facts), facts };
    }
    return this.#metadata.found;
  }

  /** What is followed of the DNS may have changed. */
  forget(): void {
    this.#dns = undefined;
  }
}
