// HTTP to the install, and Server-Sent Events read by fetch: EventSource sends no headers.

import type { Conversation, Message, Proof, Told, Visit } from "./types";

/** What went wrong. A refusal has the server's status, code and sentence; without a status nobody was reached. */
export type Trouble = Error & { status?: number; code?: string | undefined };

export class Api {
  private _token: string | null = null;
  private _proof: Proof | null = null;
  private _beginning: Promise<Visit> | null = null;

  constructor(
    private readonly _home: string,
    private readonly _keep: (token: string) => void,
  ) {}

  /** Begins or takes up the visit; asked twice at a time it is one call. */
  begin(token: string | null, proof = this._proof): Promise<Visit> {
    this._proof = proof;
    return (this._beginning ??= this.json<Visit>("session", { visitor_token: token, identity: proof })
      .then((visit) => {
        this._token = visit.visitor_token;
        this._keep(this._token);
        return visit;
      })
      .finally(() => (this._beginning = null)));
  }

  /** Posts the body, or gets where there is none. */
  async json<T>(path: string, body?: object): Promise<T> {
    return (await this._fetch(path, body)).json().catch(() => null);
  }

  /** The same for what only a visitor may. */
  call<T>(path: string, body?: object): Promise<T> {
    return this._again(() => this.json(path, body));
  }

  conversation(id: string): Promise<Conversation & { messages: Message[] }> {
    return this.call(`conversations/${id}`);
  }

  async stream(path: string, signal: AbortSignal, body?: object): Promise<AsyncGenerator<Told>> {
    return events(await this._again(() => this._fetch(path, body, signal)));
  }

  /** A visit that ran out is begun anew, once. */
  private async _again<T>(work: () => Promise<T>): Promise<T> {
    if (!this._token) await this.begin(null);
    try {
      return await work();
    } catch (error) {
      if ((error as Trouble).status !== 401) throw error;
      await this.begin(null);
      return work();
    }
  }

  private async _fetch(path: string, body?: object, signal: AbortSignal | null = null): Promise<Response> {
    const headers: Record<string, string> = {};
    const proof = this._proof?.token ?? this._proof?.user_hash;
    if (body) headers["Content-Type"] = "application/json";
    if (this._token) headers["X-Visitor-Token"] = this._token;
    if (proof) headers["X-Visitor-Identity"] = proof;
    const response = await fetch(this._home + path, {
      method: body ? "POST" : "GET",
      headers,
      credentials: "omit",
      referrerPolicy: "strict-origin-when-cross-origin",
      body: body ? JSON.stringify(body) : null,
      signal,
    });
    if (response.ok) return response;
    const said = await response.json().catch(() => null);
    throw refused(response.status, said?.error);
  }
}

/** A refusal in the server's words. */
export function refused(status: number, said?: { code?: string; message?: string }): Trouble {
  return Object.assign(Error(said?.message), { status, code: said?.code });
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
