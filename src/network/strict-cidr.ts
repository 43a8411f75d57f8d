import { parseAddress } from "./address.ts";
import { parseCidr, singleAddress } from "./cidr.ts";

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
  if (isPlainIPv4(text)) return undefined;
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

const plainIPv4 = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\/(0|[1-9]\d?)$/;

/** What nearly all ranges are, told without the arithmetic that IPv6 needs. */
function isPlainIPv4(text: string): boolean {
  const [, ...digits] = plainIPv4.exec(text) ?? [];
  if (digits.length === 0) return false;
  const [a = 256, b = 256, c = 256, d = 256, prefix = 33] = digits.map(Number);
  if (a > 255 || b > 255 || c > 255 || d > 255 || prefix > 32) return false;
  return (((a << 24) | (b << 16) | (c << 8) | d) & hostBits(prefix)) === 0;
}

/** JavaScript shifts by at most 31. */
function hostBits(prefix: number): number {
  return prefix === 0 ? -1 : (1 << (32 - prefix)) - 1;
}
