import { tcp, type World } from "../world.ts";

/** A database outside of the cluster. */
export function externalDatabase(w: World): void {
  const backend = w.app("backend");
  w.app("web");
  w.denyAll({ ingress: w.random.chance(0.5) });
  w.policy("backend-to-db", {
    podSelector: w.selector(backend),
    policyTypes: ["Egress"],
    egress: [
      { to: [{ ipBlock: { cidr: w.random.pick(["10.0.5.0/24", "198.51.100.7/32"]) } }], ports: [tcp(5432)] },
    ],
  });
}

/** Who calls from outside comes through the addresses of a load balancer. */
export function externalLoadBalancer(w: World): void {
  const web = w.app("web", { ports: [{ name: "https", port: 8443 }] });
  w.service("web", web, [{ port: 443, targetPort: w.random.pick<number | string>([8443, "https"]) }]);
  w.denyAll({ egress: w.random.chance(0.5) });
  w.policy("web-from-balancer", {
    podSelector: w.selector(web),
    policyTypes: ["Ingress"],
    ingress: [
      {
        from: [{ ipBlock: { cidr: "203.0.113.0/24", except: ["203.0.113.128/25"] } }],
        ports: [tcp(8443)],
      },
    ],
  });
}

const privateRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"];

/** The internet over HTTPS, and nothing of what is inside. */
export function internetAlone(w: World): void {
  const fetcher = w.app("fetcher");
  w.app("web");
  w.denyAll();
  w.policy("fetcher-to-internet", {
    podSelector: w.selector(fetcher),
    policyTypes: ["Egress"],
    egress: [{ to: [{ ipBlock: { cidr: "0.0.0.0/0", except: privateRanges } }], ports: [tcp(443)] }],
  });
}

/** Both families. */
export function dualStack(w: World): void {
  const web = w.app("web", { ports: [{ port: 8443 }] });
  w.denyAll();
  w.policy("web", {
    podSelector: w.selector(web),
    policyTypes: ["Ingress", "Egress"],
    ingress: [
      {
        from: [
          { ipBlock: { cidr: "203.0.113.0/24" } },
          { ipBlock: { cidr: "2001:db8:5::/48", except: ["2001:db8:5:1::/64"] } },
        ],
        ports: [tcp(8443)],
      },
    ],
    egress: [
      {
        to: [{ ipBlock: { cidr: "198.51.100.0/24" } }, { ipBlock: { cidr: "2001:db8:7::/48" } }],
        ports: [tcp(443)],
      },
    ],
  });
}

/** An operator that speaks with the API server by its address. */
export function apiServerClient(w: World): void {
  const operator = w.app("operator");
  w.policy("operator", {
    podSelector: w.selector(operator),
    policyTypes: ["Ingress", "Egress"],
    egress: [w.dns(), { to: [{ ipBlock: { cidr: "192.0.2.1/32" } }], ports: [tcp(6443)] }],
  });
}
