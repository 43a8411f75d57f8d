/**
 * Every error that a user or operator may meet, in one table: a stable code, a sentence that says what to do, and what
 * becomes of the process or the request. All else is a bug and is reported as such.
 */
interface Row {
  readonly exitCode?: number;
  readonly httpStatus?: number;
}

const table = rows({
  RF_ERR_CONFIG: { exitCode: 2 },
  RF_ERR_USAGE: { exitCode: 2 },
  RF_ERR_KUBECONFIG: { exitCode: 2 },
  RF_ERR_CERTIFICATE: { exitCode: 2 },
  RF_ERR_LISTEN: { exitCode: 2 },
  /** The body is no admission.k8s.io/v1 AdmissionReview request. */
  RF_ERR_REVIEW: { httpStatus: 400 },
  /** The evaluation used up its time; failurePolicy decides. */
  RF_ERR_DEADLINE: { httpStatus: 500 },
  /** A rule threw whose finding could have denied; failurePolicy decides. */
  RF_ERR_RULE: { httpStatus: 500 },
  /** The cluster view was never complete: no verdict is given from an empty policy set; failurePolicy decides. */
  RF_ERR_NOT_READY: { httpStatus: 500 },
  /** More requests at once than the server takes; failurePolicy decides. */
  RF_ERR_OVERLOAD: { httpStatus: 503 },
});

function rows<Code extends string>(all: Record<Code, Row>): Readonly<Record<Code, Row>> {
  return all;
}

export type ErrorCode = keyof typeof table;

/** An expected failure. The message is shown to people as it is: static words first, values after, what to do last. */
export class RingfenceError extends Error {
  override readonly name = "RingfenceError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** HTTP status of the answer where the error ends a request; 500 unless the table says otherwise. */
  get httpStatus(): number {
    return table[this.code].httpStatus ?? 500;
  }

  /** Exit code of the process where the error ends it; 2 (could not run) unless the table says otherwise. */
  get exitCode(): number {
    return table[this.code].exitCode ?? 2;
  }
}

/** What something that was thrown says: its message where it is an error. */
export function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
