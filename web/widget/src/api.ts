// HTTP to the install, and Server-Sent Events read by fetch: EventSource sends no headers.

import type { Conversation, Message, Proof, Told, Visit } from "./types";

/** What went wrong. A refusal has the server's status, code and sentence; without a status nobody was reached. */
export type Trouble = Error & { status?: number; code?: string | undefined };

export type Api = ReturnType<typeof calls>;

/** The calls below an address; `keep` is told the visitor's token. */
export function calls(home: string, keep: (token: string) => void) {
  let known: string | null = null;
  let who: { identity?: Proof | undefined } = {};
  let beginning: Promise<Visit> | null = null;

  /** Who it is from now on; without an identity nobody knows. */
  const become = (identity?: Proof): void => {
    who = { identity };
    known = beginning = null;
  };

  /** Begins or takes up the visit; asked twice at a time it is one call. */
  const begin = (visitor_token: string | null): Promise<Visit> =>
    (beginning ??= own(plainly<Visit>("session", { visitor_token, ...who }))
      .then((visit) => {
        keep((known = visit.visitor_token));
        return visit;
      })
      .finally(() => (beginning = null)));

  /** Who asks. */
  const proofs = (): Record<string, string> => {
    const headers: Record<string, string> = {};
    const { token, user_hash } = who.identity ?? {};
    const proof = token ?? user_hash;
    if (known) headers["X-Visitor-Token"] = known;
    if (proof) headers["X-Visitor-Identity"] = proof;
    return headers;
  };

  const fetched = async (path: string, body?: object, signal: AbortSignal | null = null): Promise<Response> => {
    const headers = proofs();
    if (body) headers["Content-Type"] = "application/json";
    const response = await fetch(home + path, {
      method: body ? "POST" : "GET",
      headers,
      credentials: "omit",
      referrerPolicy: "origin",
      body: body ? JSON.stringify(body) : null,
      signal,
    });
    if (response.ok) return response;
    const said = await response.json().catch(() => null);
    throw refused(response.status, said?.error);
  };

  /** Posts the body, or gets where there is none. */
  const plainly = async <T>(path: string, body?: object): Promise<T> => (await fetched(path, body)).json().catch(() => null);

  /** What one visitor asked for is told to nobody once he has signed out. */
  const own = async <T>(work: Promise<T>): Promise<T> => {
    const asking = who;
    try {
      return await work;
    } finally {
      if (asking !== who) await new Promise(() => 0);
    }
  };

  /** A visit that ran out is begun anew, once. */
  const again = async <T>(work: () => Promise<T>): Promise<T> => {
    if (!known) await begin(null);
    try {
      return await work();
    } catch (error) {
      if ((error as Trouble).status !== 401) throw error;
      await begin(null);
      return work();
    }
  };

  /** The same for what only a visitor may. */
  const call = <T>(path: string, body?: object): Promise<T> => own(again(() => plainly(path, body)));

  const thread = (id: string): Promise<Conversation & { messages: Message[] }> => call(`conversations/${id}`);

  const listen = async (path: string, signal: AbortSignal, body?: object): Promise<AsyncGenerator<Told>> =>
    events(await again(() => fetched(path, body, signal)));

  return { home, proofs, become, begin, plainly, call, thread, listen };
}

/** A refusal in the server's words. */
export function refused(status: number, said?: { code?: string; message?: string }): Trouble {
  return Object.assign(Error(), said, { status });
}

/** The events of a stream, up to its end. Each is one line of JSON that names its type. */
async function* events(response: Response): AsyncGenerator<Told> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const lines = (rest + value).split("\n");
      rest = lines.pop()!;
      for (const line of lines) if (line.startsWith("data: {")) yield JSON.parse(line.slice(6));
    }
  } finally {
    reader.cancel().catch(() => 0);
  }
}
