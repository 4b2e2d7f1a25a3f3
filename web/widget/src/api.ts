// HTTP to the install, and Server-Sent Events read by fetch: EventSource sends no headers.

import type { Answer, Config, Conversation, Message, Proof, Status } from "./types";

/** A refusal of the server in its own words, or (status 0) no way to reach it. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly retryAfter = 0,
  ) {
    super(message);
  }
}

export interface Told {
  id: string;
  kind: string;
  // The wire is checked where it is used; what does not fit is left out.
  body: any;
}

interface Visit {
  visitor_token: string;
  conversation: { id: string; status: Status } | null;
  handoff_open: boolean;
}

export class Api {
  private _token: string | null = null;
  private _proof: Proof = {};
  private _beginning: Promise<Visit> | null = null;

  constructor(
    readonly host: string,
    readonly key: string,
    private readonly _keep: (token: string) => void,
  ) {}

  config(): Promise<Config> {
    return this._json("GET", "config");
  }

  /** Begins or takes up the visit; asked twice at a time it is one call. */
  begin(token: string | null, proof: Proof = this._proof): Promise<Visit> {
    this._proof = proof;
    const identity = proof.token || proof.user_id ? proof : null;
    this._beginning ??= this._json<Visit>("POST", "session", { visitor_token: token, identity })
      .then((visit) => {
        this._token = visit.visitor_token;
        this._keep(visit.visitor_token);
        return visit;
      })
      .finally(() => (this._beginning = null));
    return this._beginning;
  }

  call<T>(method: string, path: string, body?: object): Promise<T> {
    return this._again(() => this._json<T>(method, path, body));
  }

  conversation(id: string): Promise<Conversation & { messages: Message[] }> {
    return this.call("GET", `conversations/${id}`);
  }

  ask(body: object, signal: AbortSignal): Promise<AsyncGenerator<Told>> {
    return this._again(() => this._stream("POST", "query", signal, { ...body, stream: true }));
  }

  watch(path: string, signal: AbortSignal, lastEvent?: string): Promise<AsyncGenerator<Told>> {
    return this._again(() => this._stream("GET", path, signal, undefined, lastEvent));
  }

  /** A visit that ran out is begun anew, once. */
  private async _again<T>(work: () => Promise<T>): Promise<T> {
    if (!this._token) await this.begin(null);
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 401) throw error;
      await this.begin(null);
      return await work();
    }
  }

  private async _json<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await this._fetch(method, path, body);
    return response.status === 204 ? (undefined as T) : ((await response.json()) as T);
  }

  private async _stream(method: string, path: string, signal: AbortSignal, body?: object, lastEvent?: string) {
    const response = await this._fetch(method, path, body, signal, lastEvent);
    return events(response);
  }

  private async _fetch(method: string, path: string, body?: object, signal?: AbortSignal, lastEvent?: string) {
    const headers: Record<string, string> = {};
    if (body) headers["Content-Type"] = "application/json";
    if (this._token && path !== "session" && path !== "config") headers["X-Visitor-Token"] = this._token;
    const proof = this._proof.token ?? this._proof.user_hash;
    if (proof && path !== "session") headers["X-Visitor-Identity"] = proof;
    if (lastEvent !== undefined) headers["Last-Event-ID"] = lastEvent;
    let response: Response;
    try {
      response = await fetch(`${this.host}/v1/widget/${encodeURIComponent(this.key)}/${path}`, {
        method,
        headers,
        credentials: "omit",
        referrerPolicy: "strict-origin-when-cross-origin",
        ...(body ? { body: JSON.stringify(body) } : {}),
        ...(signal ? { signal } : {}),
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new Refused(0, "offline", "");
    }
    if (response.ok) return response;
    const said = await response.json().catch(() => null);
    throw new Refused(
      response.status,
      said?.error?.code ?? "",
      said?.error?.message ?? response.statusText,
      Number(response.headers.get("Retry-After") ?? 0),
    );
  }
}

/** The events of a stream, up to its end; a broken line is `offline`. */
async function* events(response: Response): AsyncGenerator<Told> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let waiting = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      waiting += value.replace(/\r/g, "");
      const parts = waiting.split("\n\n");
      waiting = parts.pop() ?? "";
      for (const part of parts) {
        const told = event(part);
        if (told) yield told;
      }
    }
  } catch (error) {
    throw error instanceof DOMException && error.name === "AbortError" ? error : new Refused(0, "offline", "");
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

function event(part: string): Told | null {
  const told: Told = { id: "", kind: "message", body: null };
  let data = "";
  for (const line of part.split("\n")) {
    const [, name, value] = /^(\w+): ?(.*)$/.exec(line) ?? [];
    if (name === "id") told.id = value ?? "";
    else if (name === "event") told.kind = value ?? "";
    else if (name === "data") data += value;
  }
  if (!data || data === "[DONE]") return null;
  try {
    told.body = JSON.parse(data);
  } catch {
    return null;
  }
  return told;
}

export type { Answer, Visit };
