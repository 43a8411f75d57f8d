import { describe, expect, it } from "vitest";
import { dnsAmong, dnsPorts, namedDnsPorts, portsBesideDns } from "#src/network/dns-ports.ts";
import { configuredDnsProfile, type DnsProfile } from "#src/network/dns-profile.ts";
import { labelSet } from "#src/network/labels.ts";
import { compilePorts, describePorts } from "#src/network/ports.ts";

const unknown: DnsProfile = { known: false, evidence: "", signs: [], unread: [] };
const consul = configuredDnsProfile([
  {
    name: "consul/consul",
    namespace: "consul",
    namespaceLabels: labelSet({ "kubernetes.io/metadata.name": "consul" }),
    podLabels: labelSet({ app: "consul" }),
    clusterIPs: ["10.96.0.20"],
    ports: [
      { protocol: "UDP", port: 8600, name: "dns-udp" },
      { protocol: "TCP", port: 8600 },
    ],
  },
]);

describe("the ports of DNS", () => {
  it("are 53, where the resolvers listen, and the names of both, over UDP and TCP", () => {
    expect(dnsPorts(consul).text).toBe(
      "53/TCP, 8600/TCP, dns/TCP, dns-tcp/TCP, dns-udp/TCP, 53/UDP, 8600/UDP, dns/UDP, dns-tcp/UDP, dns-udp/UDP",
    );
  });

  it("are all on which resolvers listen anywhere, where the profile is not known", () => {
    expect(dnsPorts(unknown).text).toContain("53/TCP, 5353/TCP, 8053/TCP");
  });

  const dns = dnsPorts(consul);
  it("are told from the others item by item", () => {
    const items = [{ protocol: "UDP", port: 53 }, { port: 1, endPort: 100 }, { port: 443 }];
    expect(describePorts(portsBesideDns(items, dns))).toBe("1-100/TCP, 443/TCP");
    expect(namedDnsPorts(items, dns)?.text).toBe("53/UDP");
    expect(namedDnsPorts([{ port: 443 }], dns)).toBeUndefined();
    expect(describePorts(portsBesideDns([{ port: 53 }], dns))).toBe("");
  });

  it("are among any port, and neither more nor less than any", () => {
    expect(portsBesideDns([], dns)).toBe("any");
    expect(namedDnsPorts([], dns)).toBeUndefined();
    expect(dnsAmong("any", dns)).toBe(dns);
    expect(dnsAmong(compilePorts([{ port: 1, endPort: 100 }]).ports, dns).text).toBe("53/TCP");
  });

  it("are not what cannot be read", () => {
    expect(namedDnsPorts([{ protocol: "ICMP", port: 53 }], dns)).toBeUndefined();
  });
});
