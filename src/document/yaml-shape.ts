// What is asked of a YAML document's shape before it is read further, and of its keys afterwards. Nothing here recurses as
// deep as the document says.

import { isAlias, isNode, isScalar, visit } from "yaml";
import type { CST, Document } from "yaml";

/** Something wrong with the text, and where: characters from its beginning. */
export interface Found {
  readonly offset: number;
  readonly text: string;
}

/** Collections within collections: what is read here has a dozen; what composes them runs out of stack at a few thousand. */
const deepest = 50;

/** The first collection that stands too deep, and, where they are not welcome, the first alias. */
export function misshapen(tokens: readonly CST.Token[], aliases: boolean): readonly Found[] {
  let deep: number | undefined;
  let alias: number | undefined;
  const first = (offset: number, other = Infinity): number => Math.min(offset, other);
  const open: { readonly token: CST.Token | null | undefined; readonly depth: number }[] = tokens.map(
    (token) => ({ token, depth: 0 }),
  );
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token, depth } = next;
    if (token?.type === "document") open.push({ token: token.value, depth });
    else if (token?.type === "alias") alias = first(token.offset, alias);
    else if (token !== null && token !== undefined && "items" in token) {
      if (depth >= deepest) deep = first(token.offset, deep);
      else {
        for (const { key, value } of token.items) {
          open.push({ token: key, depth: depth + 1 }, { token: value, depth: depth + 1 });
        }
      }
    }
  }
  return [
    ...(deep === undefined ? [] : [{ offset: deep, text: `this is nested deeper than ${deepest} levels` }]),
    ...(aliases || alias === undefined
      ? []
      : [{ offset: alias, text: "aliases are not read here; write what it stands for once more" }]),
  ];
}

/** Keys that stand twice in one mapping, however they are written, the first `most` of them: of the two the plain value would hold the last. */
export function repeatedKeys(document: Document.Parsed, most: number): readonly Found[] {
  const found: Found[] = [];
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<string>();
      for (const { key } of items) {
        const named: unknown = isAlias(key) ? key.resolve(document) : key;
        if (!isScalar(named)) continue;
        const text = String(named.value);
        if (seen.has(text) && found.length < most) {
          found.push({
            offset: (isNode(key) ? key.range?.[0] : undefined) ?? 0,
            text: "this key stands twice in one mapping",
          });
        }
        seen.add(text);
      }
    },
  });
  return found;
}
