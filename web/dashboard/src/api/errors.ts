/** What the server refused, in its own words. `code` is what code decides by, `message` what people read. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  readonly requestId: string | null;
  /** The field that it is about. */
  readonly param: string | null;

  constructor(message: string, { code, status, requestId, param }: { code: string; status: number; requestId?: string | null; param?: string | null }) {
    super(message);
    this.name = "ApiError";
    this.code = code;
    this.status = status;
    this.requestId = requestId ?? null;
    this.param = param ?? null;
  }
}

export const UNREACHABLE = "unreachable";

interface Envelope {
  error: { code: string; message: string; request_id: string; param?: string };
}

/** The error of an answer; what came from elsewhere on the way, such as a proxy's page, gets words of ours. */
export function errorOf(response: Response, body: unknown): ApiError {
  if (isEnvelope(body)) {
    const { code, message, request_id: requestId, param } = body.error;
    return new ApiError(message, { code, status: response.status, requestId, param: param ?? null });
  }
  const requestId = response.headers.get("X-Request-Id");
  return new ApiError(`The server answered with ${response.status}, without saying why.`, { code: "unexpected", status: response.status, requestId });
}

export function unreachable(): ApiError {
  return new ApiError("The server cannot be reached. Check the connection, then try again.", { code: UNREACHABLE, status: 0 });
}

/** The sentence for one field of a form, for its `error`; also when it is about one line of several (`questions.2`). */
export function errorAt(error: Error | null, ...params: string[]): string | null {
  if (!(error instanceof ApiError) || error.param === null) return null;
  const at = error.param;
  return params.some((param) => at === param || at.startsWith(`${param}.`)) ? error.message : null;
}

/** What is left to say above a form when it is about none of its fields. */
export function errorBeside(error: Error | null, ...params: string[]): Error | null {
  return errorAt(error, ...params) === null ? error : null;
}

export function hasCode(error: unknown, code: string): boolean {
  return error instanceof ApiError && error.code === code;
}

function isEnvelope(body: unknown): body is Envelope {
  if (typeof body !== "object" || body === null || !("error" in body)) return false;
  const error = body.error;
  return typeof error === "object" && error !== null && "code" in error && "message" in error;
}
