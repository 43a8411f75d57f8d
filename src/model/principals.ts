import type { Principals } from "./settings.ts";
import type { User } from "./subject.ts";

/** Whether the user is one of these, by name or by a group. */
export function includesUser(principals: Principals, user: User): boolean {
  return principals.users.has(user.name) || user.groups.some((group) => principals.groups.has(group));
}
