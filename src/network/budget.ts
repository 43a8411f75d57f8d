/** Steps of work that a question may cost. Used up, the question is answered `undefined`: unknown. */
export interface Budget {
  /** Takes `n` steps (default 1); false when they are no longer there. Once false, always false. */
  spend(n?: number): boolean;
}

/** A budget of so many steps. A step is about one constraint of a selector looked at. */
export function workBudget(steps: number): Budget {
  let left = steps;
  return {
    spend(n = 1) {
      left -= n;
      return left >= 0;
    },
  };
}
