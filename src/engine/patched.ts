import { isDeepStrictEqual } from "node:util";
import jsonpatch from "fast-json-patch";
import type { JsonPatchOperation } from "../wire/json-patch.ts";

/**
 * A copy of the object after these operations. A `test` is made here: that of fast-json-patch calls the values' own
 * `hasOwnProperty`, which is a label like any other. `undefined` where the object is nested deeper than the stack, which
 * no API server sends; throws where an operation does not apply.
 */
export function patched<T extends object>(
  object: T,
  operations: readonly JsonPatchOperation[],
): T | undefined {
  try {
    let copy = structuredClone(object);
    for (const operation of operations) {
      if (operation.op === "add") copy = jsonpatch.applyOperation(copy, operation, true).newDocument;
      else holds(copy, operation);
    }
    return copy;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function holds(object: object, { path, value }: JsonPatchOperation): void {
  const standing: unknown = jsonpatch.getValueByPointer(object, path);
  if (!isDeepStrictEqual(standing, value))
    throw new Error(`the value at ${path} is not the one to be patched`);
}
