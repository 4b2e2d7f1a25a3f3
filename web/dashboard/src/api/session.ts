// Being signed in, as the calls need it: the token that shows a request is from a page of ours, and what to do when
// the session has ended. The session itself is a cookie that no script can read.
import { unreachable } from "./errors";
import { newId } from "./ids";

const NOT_A_CHANGE = new Set(["GET", "HEAD"]);
const FRESH_TOKEN_PATH = "/v1/auth/me";

let csrfToken = "";
let askToSignIn: (() => Promise<void>) | null = null;
let asking: Promise<void> | null = null;

/** Every answer that has a `csrf_token` is told here. */
export function rememberToken(token: string): void {
  csrfToken = token;
}

/** Who asks a person to sign in again, over the page that is open. Gives the way to stop. */
export function whenExpired(ask: () => Promise<void>): () => void {
  askToSignIn = ask;
  return () => {
    askToSignIn = null;
  };
}

/** `fetch` as the person who is signed in. An ended session is begun again and the call made once more: nothing typed is lost. */
export async function sessionFetch(request: Request): Promise<Response> {
  if (request.method === "POST" && !request.headers.has("Idempotency-Key")) request.headers.set("Idempotency-Key", newId());
  const again = request.clone();
  const answer = await plainFetch(request);
  const reason = await refusedFor(answer);
  if (reason === "session" && askToSignIn !== null) {
    asking ??= askToSignIn().finally(() => {
      asking = null;
    });
    await asking;
    return plainFetch(again);
  }
  if (reason === "token" && (await takeFreshToken())) return plainFetch(again);
  return answer;
}

/** `fetch` with our token, that takes a refusal as it comes. */
export async function plainFetch(request: Request): Promise<Response> {
  if (!NOT_A_CHANGE.has(request.method)) request.headers.set("X-CSRF-Token", csrfToken);
  try {
    return await fetch(request);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw unreachable();
  }
}

/** Whether the session has ended, or its token is of one that another tab has replaced. */
async function refusedFor(answer: Response): Promise<"session" | "token" | null> {
  if (answer.status !== 401 && answer.status !== 403) return null;
  const body: unknown = await answer
    .clone()
    .json()
    .catch(() => null);
  const error = (body as { error?: { code?: string; param?: string } } | null)?.error;
  if (error?.code === "unauthenticated") return "session";
  return error?.param === "X-CSRF-Token" ? "token" : null;
}

async function takeFreshToken(): Promise<boolean> {
  const answer = await plainFetch(new Request(FRESH_TOKEN_PATH));
  if (!answer.ok) return false;
  rememberToken(((await answer.json()) as { csrf_token: string }).csrf_token);
  return true;
}
