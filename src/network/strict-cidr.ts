import { parseAddress, parseCidr, singleAddress } from "./cidr.ts";

/** A CIDR that kube-apiserver reads and, validating strictly (StrictIPCIDRValidation, on from 1.36), refuses. */
export interface LooseCidr {
  /**
   * - hostBits: an address within a range, which may have been meant as the range or as the address;
   * - leadingZeros: decimal for Kubernetes, octal for others;
   * - mapped: an IPv4 address written as IPv6, which is of either family, depending on who reads it.
   */
  readonly fault: "hostBits" | "leadingZeros" | "mapped";
  /** The range as kube-apiserver reads it, canonical. */
  readonly range: string;
  /** The address that was written, as a range of its own. */
  readonly address: string;
}

/**
 * What strict validation refuses of a CIDR that is read without it (parseCIDR of k8s.io/apimachinery/pkg/util/validation);
 * undefined where there is nothing, or where it cannot be read at all. IPv6 in another form than RFC 5952 has it is
 * accepted by both and means one thing.
 */
export function looseCidr(text: string): LooseCidr | undefined {
  const cidr = parseCidr(text);
  if (cidr === undefined || cidr.text === text) return undefined;
  const slash = text.indexOf("/");
  const host = text.slice(0, slash);
  const written = parseAddress(host);
  if (written === undefined) return undefined;
  const found = (fault: LooseCidr["fault"]): LooseCidr => ({
    fault,
    range: cidr.text,
    address: singleAddress(written).text,
  });
  if (written.value !== cidr.base && written.family === cidr.family) return found("hostBits");
  if (host.includes(":") && written.family === 4) return found("mapped");
  return hasLeadingZeros(host) || /^0./.test(text.slice(slash + 1)) ? found("leadingZeros") : undefined;
}

/** An octet such as 010, or more digits of an IPv6 group than its 16 bits need. */
function hasLeadingZeros(host: string): boolean {
  return host
    .split(":")
    .some((group) =>
      group.includes(".") ? group.split(".").some((octet) => /^0./.test(octet)) : group.length > 4,
    );
}
