import { randomBytes } from "node:crypto";

/** Who acts in tests. `ringfence` is its service account with a real token; the others are lines of the token file. */
export const userNames = ["admin", "operator", "tenant", "ringfence"] as const;
export type UserName = (typeof userNames)[number];

interface FileUser {
  readonly user: string;
  readonly groups: readonly string[];
}

const fileUsers = {
  admin: { user: "admin", groups: ["system:masters"] },
  operator: { user: "olivia", groups: ["platform"] },
  tenant: { user: "tom", groups: ["devs"] },
  // The controller manager under its own name, as in a kubeadm cluster; its controllers have accounts of their own.
  controllerManager: { user: "system:kube-controller-manager", groups: [] },
} as const satisfies Record<string, FileUser>;

export type FileUserName = keyof typeof fileUsers;

/** Fresh random tokens for every user of the token file. */
export function makeTokens(): Record<FileUserName, string> {
  const token = (): string => randomBytes(24).toString("hex");
  return { admin: token(), operator: token(), tenant: token(), controllerManager: token() };
}

/** The text for `kube-apiserver --token-auth-file`: token,user,uid,"group,group". */
export function tokenFile(tokens: Record<FileUserName, string>): string {
  const names = Object.keys(fileUsers) as FileUserName[];
  return names
    .map((name) => {
      const { user, groups } = fileUsers[name];
      return `${tokens[name]},${user},${name},"${groups.join(",")}"\n`;
    })
    .join("");
}

export interface KubeconfigOptions {
  readonly server: string;
  readonly authorityPem: string;
  readonly user: string;
  readonly token: string;
}

/** A kubeconfig that needs no other file. JSON is YAML. */
export function kubeconfig({ server, authorityPem, user, token }: KubeconfigOptions): string {
  const authority = Buffer.from(authorityPem).toString("base64");
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "test", cluster: { server, "certificate-authority-data": authority } }],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: "test", context: { cluster: "test", user } }],
    "current-context": "test",
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}

/**
 * What the operators' and the tenants' groups may do: ClusterRole `edit` everywhere, and write Namespaces, so that
 * what Ringfence refuses them is refused by Ringfence and not by RBAC.
 */
export const groupPermissions: readonly object[] = [
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name: "test-namespaces" },
    rules: [
      { apiGroups: [""], resources: ["namespaces"], verbs: ["get", "list", "create", "update", "patch"] },
    ],
  },
  ...["edit", "test-namespaces"].map((role) => ({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name: `test-groups-${role}` },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
    subjects: [fileUsers.operator, fileUsers.tenant].flatMap(({ groups }) =>
      groups.map((name) => ({ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name })),
    ),
  })),
];
