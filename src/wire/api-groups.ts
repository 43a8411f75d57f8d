/** meta/v1 APIGroupList, the answer of `GET /apis`. */
export interface ApiGroupList {
  groups?: { name: string }[] | null;
}
