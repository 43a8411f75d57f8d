import type { Settings } from "#src/model/settings.ts";
import { parseObjects } from "./objects.ts";

/** Pods of shop behind an Ingress and an HTTPRoute, and one that calls the API server. */
export const behindRoutes = parseObjects(
  `
apiVersion: v1
kind: Service
metadata: { name: api, namespace: shop }
spec: { selector: { app: api }, ports: [{ port: 80, targetPort: http }] }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: shop, namespace: shop }
spec: { defaultBackend: { service: { name: api, port: { number: 80 } } } }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop, namespace: shop }
spec: { rules: [{ backendRefs: [{ name: api, port: 80 }] }] }
---
apiVersion: v1
kind: Pod
metadata: { name: operator-1, namespace: shop, labels: { app: api, tier: operator } }
spec:
  serviceAccountName: operator
  containers: [{ name: operator, image: example.com/operator:1 }]
  volumes: [{ projected: { sources: [{ serviceAccountToken: { path: token } }] } }]
status: { phase: Running }
`,
  "behind-routes",
);

/** Configuration by which the routes are judged. */
export const ingressControllers: Settings["ingressControllers"] = [
  {
    namespace: "ingress-nginx",
    pods: { app: "nginx" },
    routes: new Set(["Ingress", "HTTPRoute"]),
    ingressClasses: new Set(),
  },
];
