import { RingfenceError } from "../errors.ts";
import { workBudget, type RenewableBudget } from "../network/budget.ts";

/** Steps of selector algebra for one rule on one request: some tens of milliseconds, which only hundreds of policies use up. */
const selectorSteps = 20_000;

/**
 * What one rule may cost on one request. Where the request's time is used up its `tick` throws RingfenceError
 * RF_ERR_DEADLINE, which goes through the rule to whoever asked for the verdict: HTTP 500, failurePolicy decides.
 */
export function requestBudget(expired: () => boolean): RenewableBudget {
  return workBudget(selectorSteps, () => {
    if (!expired()) return;
    throw new RingfenceError("RF_ERR_DEADLINE", "the request's time was used up while it was judged");
  });
}
