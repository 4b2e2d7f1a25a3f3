// The conversation without its looks: what was said, what is under way, and everything a visitor can do.

import { Api, Refused, type Answer, type Told } from "./api";
import { Kept } from "./kept";
import type { Citation, Config, Conversation, LeadForm, Message, Proof, Role, Status } from "./types";

const WATCH_AGAIN_MS = 3_000;
const WATCH_AGAIN_MAX_MS = 60_000;
const LOOK_AGAIN_MS = 1_500;
const LOOKS_MAX = 40;
const TYPING_EVERY_MS = 4_000;
const TYPING_SHOWN_MS = 6_000;

export interface Turn {
  id: string | null;
  role: Role;
  content: string;
  author: string | null;
  citations: Citation[];
  rating: "up" | "down" | null;
  at: string;
  /** Being written, not come through, or as it should be. */
  state: "writing" | "failed" | "stopped" | "done";
}

export type Change = "turns" | "growing" | "finished" | "state";

interface UnderWay {
  question: string;
  conversation: string | null;
  message: string | null;
}

export class Chat {
  turns: Turn[] = [];
  status: Status = "open";
  suggestions: string[] = [];
  offersPerson = false;
  form: LeadForm | null = null;
  notice: "offline" | "broken" | "busy" | "lead_done" | null = null;
  /** In the server's words, where there are any. */
  said = "";
  isBusy = false;
  someoneWrites = false;
  unread = 0;
  isOpen = false;
  handoffOpen = true;

  private _kept: Kept;
  private _session: Kept;
  private _conversation: string | null = null;
  private _fresh = false;
  private _asking: AbortController | null = null;
  private _watching: AbortController | null = null;
  private _position = -1;
  private _typingAt = 0;
  private _typingTimer = 0;
  private _idleTimer = 0;
  private _isBegun = false;

  constructor(
    readonly api: Api,
    readonly config: Config,
    private readonly _changed: (what: Change, turn?: Turn) => void,
    private readonly _tell: (event: string, detail?: unknown) => void,
    private readonly _language: string,
    kept: Kept,
  ) {
    this._kept = kept;
    this._session = new Kept(`aivastark:${api.key}`, "sessionStorage");
  }

  /** Takes up what this visitor had; called when the window is first opened, or when something waits. */
  async begin(): Promise<void> {
    if (this._isBegun) return;
    this._isBegun = true;
    try {
      const visit = await this.api.begin(this._kept.get("token"));
      this.handoffOpen = visit.handoff_open;
      const under = this._session.get<UnderWay>("underWay");
      const id = visit.conversation?.id ?? under?.conversation ?? null;
      if (visit.conversation) await this._load(visit.conversation.id);
      if (under) await this._takeUp(under, id);
      else if (id) this._watch();
    } catch (error) {
      this._isBegun = false;
      this._failed(error);
    }
  }

  get hasSomethingUnderWay(): boolean {
    return this._session.get("underWay") !== null;
  }

  get isWithPerson(): boolean {
    return this.status === "waiting_human" || this.status === "human";
  }

  async send(text: string): Promise<void> {
    const message = text.trim();
    if (!message || this.isBusy) return;
    if (!navigator.onLine) {
      this.notice = "offline";
      return this._changed("state");
    }
    await this.begin();
    this._add({ role: "user", content: message });
    this._tell("message", { role: "user", content: message });
    await this._ask(message);
  }

  /** The last question once more. */
  async retry(): Promise<void> {
    const at = this.turns.map((turn) => turn.role).lastIndexOf("user");
    const question = this.turns[at];
    if (!question || this.isBusy) return;
    this.turns.splice(at + 1);
    this._changed("turns");
    await this._ask(question.content);
  }

  stop(): void {
    const under = this._session.get<UnderWay>("underWay");
    if (under?.message) this.api.call("POST", `messages/${under.message}/cancel`).catch(() => undefined);
    this._asking?.abort();
  }

  async rate(turn: Turn, rating: "up" | "down"): Promise<void> {
    turn.rating = rating;
    this._changed("turns");
    await this._do(() => this.api.call("POST", "feedback", { message_id: turn.id, rating }));
    this._tell("feedback", { id: turn.id, rating });
  }

  async escalate(): Promise<void> {
    this.offersPerson = false;
    await this.begin();
    await this._do(async () => {
      const given = await this.api.call<{ conversation: Conversation; message: Message | null }>("POST", "escalate", {
        conversation_id: this._conversation,
      });
      this._conversation = given.conversation.id;
      this._setStatus(given.conversation.status);
      this._watch();
    });
    this._tell("escalate");
  }

  declinePerson(): void {
    this.offersPerson = false;
    this._changed("state");
  }

  /** The form as it is configured, because the page or the visitor asks for it. */
  showForm(trigger = "manual"): void {
    const { enabled, fields, consent } = this.config.lead_capture;
    if (enabled && !this._kept.get("lead")) this.form = { trigger, fields, consent };
    this._changed("state");
  }

  async sendForm(values: Record<string, string>, consent: boolean): Promise<void> {
    const form = this.form;
    if (!form) return;
    const own: Record<string, unknown> = { fields: {} };
    for (const [key, value] of Object.entries(values)) {
      if (["name", "email", "phone"].includes(key)) own[key] = value;
      else (own["fields"] as Record<string, string>)[key] = value;
    }
    const page = { url: location.href.slice(0, 2048), title: document.title.slice(0, 300) || null };
    const lead = await this.api.call("POST", "leads", {
      ...own,
      consent,
      trigger: form.trigger,
      conversation_id: this._conversation,
      page,
    });
    this._kept.set("lead", true);
    this.form = null;
    this.notice = "lead_done";
    this._changed("state");
    this._tell("lead", lead);
  }

  declineForm(): void {
    this.form = null;
    this._changed("state");
  }

  typing(): void {
    if (!this._conversation || !this.isWithPerson || Date.now() - this._typingAt < TYPING_EVERY_MS) return;
    this._typingAt = Date.now();
    this.api.call("POST", "typing", { conversation_id: this._conversation }).catch(() => undefined);
  }

  async history(): Promise<Conversation[]> {
    await this.begin();
    return (await this.api.call<{ data: Conversation[] }>("GET", "conversations?limit=50")).data;
  }

  async show(id: string): Promise<void> {
    this._reset();
    this._isBegun = true;
    await this._do(() => this._load(id));
    this._watch();
  }

  /** An empty window: the next question begins another conversation. */
  fresh(): void {
    this._reset();
    this._isBegun = true;
    this._fresh = true;
    this._changed("turns");
  }

  async identify(proof: Proof): Promise<void> {
    this._reset();
    await this.api.begin(this._kept.get("token"), proof);
    await this.begin();
  }

  /** Forgets the visitor on this device. */
  forget(): void {
    this._reset();
    this._kept.clear();
    this._session.clear();
    this._changed("turns");
  }

  read(): void {
    if (!this.unread) return;
    this.unread = 0;
    this._changed("state");
  }

  online(): void {
    if (this.notice === "offline") this.notice = null;
    this._changed("state");
    if (this._conversation) this._watch();
  }

  close(): void {
    this._asking?.abort();
    this._watching?.abort();
    clearTimeout(this._idleTimer);
    clearTimeout(this._typingTimer);
  }

  private _reset(): void {
    this.close();
    Object.assign(this, { turns: [], suggestions: [], form: null, notice: null, offersPerson: false, isBusy: false });
    this._conversation = null;
    this._position = -1;
    this._isBegun = false;
    this._fresh = false;
    this._setStatus("open");
  }

  private _add(turn: Partial<Turn> & { role: Role; content: string }): Turn {
    const whole: Turn = {
      id: null,
      author: null,
      citations: [],
      rating: null,
      at: new Date().toISOString(),
      state: "done",
      ...turn,
    };
    this.turns.push(whole);
    this._changed("turns");
    return whole;
  }

  private async _ask(message: string): Promise<void> {
    this._asking = new AbortController();
    Object.assign(this, { isBusy: true, suggestions: [], form: null, notice: null, said: "", offersPerson: false });
    this._session.set("underWay", { question: message, conversation: this._conversation, message: null });
    const turn = this._add({ role: "assistant", content: "", state: "writing" });
    const page = { url: location.href.slice(0, 2048), title: document.title.slice(0, 300) || null };
    const body = {
      message,
      page: /^https?:/.test(page.url) ? page : null,
      conversation_id: this._conversation,
      new_conversation: this._fresh,
      language: this._language || null,
    };
    try {
      await this._follow(await this.api.ask(body, this._asking.signal), turn);
    } catch (error) {
      await this._brokenOff(error, turn);
    } finally {
      this.isBusy = false;
      this._changed("state");
    }
  }

  /** An answer as it is written: pieces, then the whole, which is what counts. */
  private async _follow(told: AsyncGenerator<Told>, turn: Turn): Promise<void> {
    for await (const { kind, body } of told) {
      if (kind === "message.start") {
        const under = this._session.get<UnderWay>("underWay");
        this._session.set("underWay", { ...under, conversation: body.conversation_id, message: body.id ?? body.message_id });
      } else if (kind === "token") {
        turn.content += body.delta;
        this._changed("growing", turn);
      } else if (kind === "citation") {
        turn.citations.push(body.citation);
      } else if (kind === "answer") {
        this._answered(turn, body);
        return;
      } else if (kind === "error") {
        throw new Refused(500, body.error?.code, body.error?.message);
      }
    }
    throw new Refused(0, "offline", "");
  }

  private _answered(turn: Turn, answer: Answer): void {
    this._session.set("underWay", null);
    Object.assign(turn, {
      id: answer.id,
      content: answer.answer,
      citations: answer.citations,
      at: answer.created_at,
      state: "done",
    });
    this._conversation = answer.conversation_id ?? this._conversation;
    this._fresh = false;
    this.suggestions = this.config.behavior.suggestions ? answer.suggestions : [];
    this.offersPerson = answer.handoff_offered && this.config.handoff.enabled;
    if (answer.lead_form && !this._kept.get("lead")) this.form = answer.lead_form;
    this._changed("finished", turn);
    this._tell("answer", answer);
    this._watch();
    this._waitForSilence();
  }

  private async _brokenOff(error: unknown, turn: Turn): Promise<void> {
    if (this._asking?.signal.aborted) {
      this._session.set("underWay", null);
      turn.state = "stopped";
      if (!turn.content) this.turns.splice(this.turns.indexOf(turn), 1);
      return this._changed("turns");
    }
    const under = this._session.get<UnderWay>("underWay");
    if (error instanceof Refused && error.status === 0 && under?.message) {
      return this._resume(under, turn);
    }
    this._session.set("underWay", null);
    this.turns.splice(this.turns.indexOf(turn), 1);
    const question = this.turns.at(-1);
    if (question) question.state = "failed";
    this._changed("turns");
    this._failed(error);
  }

  /** After a reload in the middle of an answer. */
  private async _takeUp(under: UnderWay, conversation: string | null): Promise<void> {
    this._conversation = conversation;
    if (!under.message || this.turns.some((turn) => turn.id === under.message)) {
      this._session.set("underWay", null);
      return this._watch();
    }
    this._add({ role: "user", content: under.question });
    const turn = this._add({ role: "assistant", content: "", state: "writing" });
    this.isBusy = true;
    this._asking = new AbortController();
    await this._resume(under, turn);
    this.isBusy = false;
    this._changed("state");
  }

  /** The server finishes what nobody reads: take the stream up, or wait until the answer is kept. */
  private async _resume(under: UnderWay, turn: Turn): Promise<void> {
    const signal = this._asking!.signal;
    for (let look = 0; look < LOOKS_MAX && !signal.aborted; look++) {
      try {
        turn.content = "";
        turn.citations = [];
        return await this._follow(await this.api.watch(`messages/${under.message}/stream`, signal), turn);
      } catch (error) {
        const kept = await this._find(under).catch(() => null);
        if (kept) {
          this._session.set("underWay", null);
          Object.assign(turn, fromWire(kept));
          this._conversation = under.conversation;
          this._changed("finished", turn);
          return this._watch();
        }
        if (error instanceof Refused && error.status && error.status !== 404) break;
        await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
      }
    }
    this._session.set("underWay", null);
    this.turns.splice(this.turns.indexOf(turn), 1);
    const question = this.turns.at(-1);
    if (question) question.state = "failed";
    this._changed("turns");
  }

  private async _find(under: UnderWay): Promise<Message | undefined> {
    if (!under.conversation) return undefined;
    const { messages } = await this.api.conversation(under.conversation);
    return messages.find((message) => message.id === under.message);
  }

  private async _load(id: string): Promise<void> {
    const conversation = await this.api.conversation(id);
    this._conversation = id;
    this.turns = conversation.messages.map(fromWire);
    this._position = conversation.messages.at(-1)?.position ?? -1;
    this._setStatus(conversation.status);
    this._changed("turns");
  }

  /** Listens for people, the system, and answers given in another tab. */
  private _watch(): void {
    const id = this._conversation;
    this._watching?.abort();
    if (!id) return;
    const watching = (this._watching = new AbortController());
    const listen = async () => {
      let pause = WATCH_AGAIN_MS;
      while (!watching.signal.aborted) {
        try {
          const path = `events?conversation_id=${encodeURIComponent(id)}&after=${this._position}`;
          for await (const told of await this.api.watch(path, watching.signal)) {
            pause = WATCH_AGAIN_MS;
            this._heard(told);
          }
        } catch (error) {
          if (watching.signal.aborted || (error instanceof Refused && error.status === 404)) return;
        }
        await new Promise((resolve) => setTimeout(resolve, pause + Math.random() * 1_000));
        pause = Math.min(2 * pause, WATCH_AGAIN_MAX_MS);
      }
    };
    void listen();
  }

  private _heard({ kind, body }: Told): void {
    if (kind === "status") this._setStatus(body.status);
    else if (kind === "typing") {
      this.someoneWrites = true;
      clearTimeout(this._typingTimer);
      this._typingTimer = window.setTimeout(() => {
        this.someoneWrites = false;
        this._changed("state");
      }, TYPING_SHOWN_MS);
      this._changed("state");
    } else if (kind === "message") {
      const message = body.message as Message;
      this._position = Math.max(this._position, message.position);
      // While a question is under way the answer comes by its own stream; a person's reply comes by this one alone.
      const isOwn = message.role === "user" || (this.isBusy && message.role !== "agent");
      if (isOwn || this.turns.some((turn) => turn.id === message.id)) return;
      this.someoneWrites = false;
      const turn = this._add(fromWire(message));
      if (!this.isOpen || document.hidden) this.unread++;
      this._changed("finished", turn);
      this._tell("message", { role: message.role, content: message.content });
      if (this.unread) this._tell("unread", this.unread);
    }
  }

  private _setStatus(status: Status): void {
    if (status === this.status) return;
    this.status = status;
    this._changed("state");
    this._tell("status", status);
  }

  /** The form that comes when nothing was said for a while. */
  private _waitForSilence(): void {
    clearTimeout(this._idleTimer);
    const seconds = this.config.lead_capture.triggers.find((one) => one.type === "idle")?.seconds;
    if (seconds && !this.form && !this.isWithPerson && !this._session.get("idleAsked")) {
      this._idleTimer = window.setTimeout(() => {
        this._session.set("idleAsked", true);
        this.showForm("idle");
      }, seconds * 1_000);
    }
  }

  private async _do(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this._failed(error);
    }
  }

  private _failed(error: unknown): void {
    if (error instanceof DOMException) return;
    const refused = error instanceof Refused ? error : null;
    this.notice = refused?.status === 0 ? "offline" : refused?.status === 429 ? "busy" : "broken";
    this._changed("state");
    this._tell("error", { code: refused?.code ?? "unknown", message: refused?.message ?? String(error) });
  }
}

function fromWire(message: Message): Turn {
  return {
    id: message.id,
    role: message.role,
    content: message.content,
    author: message.author,
    citations: message.citations,
    rating: message.feedback?.rating ?? null,
    at: message.created_at,
    state: "done",
  };
}
