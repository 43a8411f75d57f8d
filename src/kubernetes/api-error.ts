/** What the API server answers instead of the thing asked for: a non-200 answer, or the ERROR event of a watch. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** The HTTP status, or the code of the Status object. */
  readonly status: number;
  /** `Retry-After`, in milliseconds. */
  readonly retryAfter: number | undefined;
  /** The reasons of its causes, such as NamespaceTerminating. */
  readonly causes: readonly string[];

  constructor(status: number, message: string, retryAfter?: number, causes: readonly string[] = []) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
    this.causes = causes;
  }
}

/** meta/v1 Status, as far as it is read. */
interface Status {
  code?: unknown;
  message?: unknown;
  details?: { causes?: readonly { reason?: unknown }[] | null } | null;
}

const LONGEST_MESSAGE = 500;

/** The error that an answer with this HTTP status and body stands for. */
export function apiErrorOf(status: number, body: string, retryAfterSeconds: string | undefined): ApiError {
  const seconds = Number(retryAfterSeconds ?? Number.NaN);
  const answer = parsed(body);
  return new ApiError(
    status,
    messageOf(status, answer ?? body),
    seconds >= 0 ? seconds * 1000 : undefined,
    causesOf(answer),
  );
}

/** The error that the Status object of an ERROR event stands for. */
export function apiErrorOfEvent(object: unknown): ApiError {
  const code = isStatus(object) && typeof object.code === "number" ? object.code : 500;
  return new ApiError(code, messageOf(code, object));
}

function messageOf(status: number, body: unknown): string {
  const said = isStatus(body) && typeof body.message === "string" ? body.message : body;
  const text = typeof said === "string" ? said.trim().slice(0, LONGEST_MESSAGE) : "";
  return `the API server answered ${status}${text === "" ? "" : `: ${text}`}`;
}

function causesOf(body: unknown): readonly string[] {
  const causes = isStatus(body) ? (body.details?.causes ?? []) : [];
  return causes.flatMap(({ reason }) => (typeof reason === "string" ? [reason] : []));
}

function isStatus(value: unknown): value is Status {
  return typeof value === "object" && value !== null;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
