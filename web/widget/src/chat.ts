// The conversation without its looks: what was said, what is under way, and everything a visitor can do.

import { refused, type Api, type Trouble } from "./api";
import type { Kept } from "./kept";
import type { Key } from "./strings";
import type { Answer, Attachment, Citation, Config, Conversation, LeadForm, Message, Role, Status, Told } from "./types";

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
  attachments?: Attachment[];
  /** Being written, not come through, or as it should be. */
  state: "writing" | "failed" | "stopped" | "done";
}

/** Who shows it. */
interface Viewer {
  /** Something changed, what stands in a turn left out. */
  draw(): void;
  drawTurn(turn: Turn): void;
  announce(turn: Turn): void;
  /** What was being written, read out or looked through is gone. */
  clear(): void;
}

/** A question whose answer has not come; it outlives a reload. */
interface UnderWay {
  question: string;
  conversation: string | null;
  message: string | null;
}

/** What stands below the turns while nothing is offered. */
const NOTHING: Partial<Chat> = { suggestions: [], asked: null, notice: null, offersPerson: false };

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export class Chat {
  declare viewer: Viewer;
  declare turns: Turn[];
  declare suggestions: string[];
  declare offersPerson: boolean;
  declare asked: LeadForm | null;
  declare notice: Key | null;
  declare isBusy: boolean;
  declare someoneWrites: boolean;
  declare missed: number;
  status: Status = "open";
  declare isOpen: boolean | undefined;
  handoffOpen = true;

  declare current: string | null;
  declare isFresh: boolean;
  private declare _position: number;
  private declare _begun: Promise<unknown> | null;
  private declare _asking: AbortController | undefined;
  private declare _watching: AbortController | undefined;
  private declare _typingAt: number | undefined;
  private declare _typingTimer: number | undefined;
  private declare _idleTimer: number | undefined;

  constructor(
    private readonly _api: Api,
    readonly config: Config,
    private readonly _tell: (event: string, detail?: unknown) => void,
    private readonly _language: string | null,
    /** A sentence of the site in the page's language, where it is known in it. */
    private readonly _site: (text: string) => string,
    private readonly _kept: Kept,
    private readonly _session: Kept,
  ) {
    this._empty();
  }

  /** Takes up what this visitor had; called when the window is first opened, or when something waits. */
  begin(): Promise<unknown> {
    return (this._begun ??= this._begin());
  }

  private async _begin(): Promise<void> {
    try {
      const token = this._kept.get<string>("token");
      const visit = await this._api.begin(token);
      this.handoffOpen = visit.handoff_open;
      // Somebody else on this device: nothing of the one before is his.
      if (token && !visit.resumed) {
        this._kept.clear({ token: visit.visitor_token });
        this._session.clear();
        this.viewer.clear();
      }
      const under = this._underWay;
      if (visit.conversation) await this._load(visit.conversation.id);
      if (under) this._takeUp(under);
      this.watch();
    } catch (error) {
      this._begun = null;
      this._failed(error);
    }
  }

  get isWithPerson(): boolean {
    return /human/.test(this.status);
  }

  async send(text: string): Promise<void> {
    const content = text.trim();
    if (!content || this.isBusy) return;
    if (!navigator.onLine) return this._set({ notice: "offline" });
    await this.begin();
    this.addTurn({ role: "user", content });
    this._tell("message", { role: "user", content });
    await this._ask(content);
  }

  /** The last question once more. */
  async askAgain(): Promise<void> {
    const question = this.turns.findLast((turn) => turn.role === "user");
    if (!question || this.isBusy) return;
    this.turns.length = this.turns.indexOf(question) + 1;
    question.state = "done";
    this.viewer.drawTurn(question);
    await this._ask(question.content);
  }

  stop(): void {
    const message = this._underWay?.message;
    if (message) this._api.call(`messages/${message}/cancel`, {}).catch(() => 0);
    this._asking?.abort();
  }

  rate(turn: Turn, rating: "up" | "down"): void {
    turn.rating = rating;
    this._do(async () => {
      await this._api.call("feedback", { message_id: turn.id, rating });
      this._tell("feedback", { id: turn.id, rating });
    });
  }

  async escalate(): Promise<void> {
    this.declinePerson();
    await this.begin();
    await this._do(async () => {
      const { conversation } = await this._api.call<{ conversation: Conversation }>("escalate", {
        conversation_id: this.current,
      });
      this.current = conversation.id;
      this._setStatus(conversation.status);
      this.watch();
      this._tell("escalate");
    });
  }

  declinePerson(): void {
    this._set({ offersPerson: false });
  }

  /** The form as it is configured, because the page or the visitor asks for it. */
  showForm(trigger = "manual"): void {
    const form = this.config.lead_capture;
    if (form.enabled && !this._kept.get("lead")) this._set({ asked: { ...form, trigger } });
  }

  async sendForm({ name, email, phone, ...fields }: Record<string, string>, consent: boolean): Promise<void> {
    const lead = await this._api.call("leads", {
      name,
      email,
      phone,
      fields,
      consent,
      trigger: this.asked!.trigger,
      conversation_id: this.current,
      page: page(),
    });
    this._kept.set("lead", true);
    this._set({ asked: null, notice: "lead_done" });
    this._tell("lead", lead);
  }

  declineForm(): void {
    this._set({ asked: null });
  }

  typing(): void {
    if (!this.current || !this.isWithPerson || Date.now() - this._typingAt! < TYPING_EVERY_MS) return;
    this._typingAt = Date.now();
    this._api.call("typing", { conversation_id: this.current }).catch(() => 0);
  }

  async past(): Promise<Conversation[]> {
    await this.begin();
    return (await this._api.call<{ data: Conversation[] }>("conversations?limit=50")).data;
  }

  async show(id: string): Promise<void> {
    this._leave();
    // What is said or sent meanwhile waits: else it would be drawn, and gone with what comes.
    await (this._begun = this._do(() => this._load(id)));
    this.watch();
  }

  /** An empty window: the next question begins another conversation. */
  newConversation(): void {
    this._leave(true);
  }

  /** Nothing was said yet, and nobody has begun. */
  anew(): void {
    this.close();
    this._empty();
    this._setStatus("open");
    this.viewer.draw();
  }

  looked(): void {
    this._set({ missed: 0 });
  }

  online(): void {
    this._set({ notice: null });
    this.watch();
  }

  /** Nothing of it goes on; what is under way may be taken up. */
  close(): void {
    this._asking?.abort();
    this._asking = undefined;
    this._begun = null;
    this._watching?.abort();
    clearTimeout(this._idleTimer);
    clearTimeout(this._typingTimer);
  }

  private get _underWay(): UnderWay | null {
    return this._session.get("underWay");
  }

  private _set(change: Partial<Chat>): void {
    Object.assign(this, change);
    this.viewer.draw();
  }

  private _empty(): void {
    Object.assign(this, {
      ...NOTHING,
      turns: [],
      isBusy: false,
      someoneWrites: false,
      missed: 0,
      current: null,
      _position: -1,
      _begun: null,
      isFresh: false,
    });
  }

  /** Another conversation: nobody waits for what was asked in this one. */
  private _leave(isFresh = false): void {
    this._session.set("underWay", null);
    this.anew();
    Object.assign(this, { _begun: wait(0), isFresh });
  }

  addTurn(turn: Partial<Turn> & { role: Role }): Turn {
    const whole: Turn = { id: null, content: "", author: null, citations: [], rating: null, state: "done", ...turn };
    this.turns.push(whole);
    this.viewer.draw();
    return whole;
  }

  private _ask(message: string): Promise<void> {
    this._set(NOTHING);
    this._session.set("underWay", { question: message, conversation: this.current, message: null });
    return this._read("query", {
      message,
      stream: true,
      page: page(),
      conversation_id: this.current,
      new_conversation: this.isFresh,
      language: this._language,
    });
  }

  /** After a reload in the middle of an answer. */
  private async _takeUp(under: UnderWay): Promise<void> {
    this.current ??= under.conversation;
    if (!under.message || this.turns.some((turn) => turn.id === under.message)) return this._session.set("underWay", null);
    this.addTurn({ role: "user", content: under.question });
    await this._read(`messages/${under.message}/stream`);
  }

  /** An answer to its end. The server finishes what nobody reads: a stream that broke off is taken up, or its answer found. */
  private async _read(path: string, body?: object): Promise<void> {
    const { signal } = (this._asking = new AbortController());
    this.isBusy = true;
    const turn = this.addTurn({ role: "assistant", state: "writing" });
    for (let look = 0; ; look++) {
      try {
        await this._follow(await this._api.listen(path, signal, body), turn);
        break;
      } catch (error) {
        if (signal.aborted) {
          turn.state = "stopped";
          break;
        }
        const under = this._underWay;
        const { status } = error as Trouble;
        if (!under?.message || look === LOOKS_MAX || (status && status !== 404)) {
          this._lost(turn, error);
          break;
        }
        const said = await this._api.thread(under.conversation!).catch(() => null);
        const kept = said?.messages.find(({ id }) => id === under.message);
        if (kept) {
          this.current = under.conversation;
          this._finished(Object.assign(turn, fromWire(kept)));
          break;
        }
        if (look) await wait(LOOK_AGAIN_MS);
        path = `messages/${under.message}/stream`;
        body = undefined;
      }
    }
    // Whoever began anew meanwhile has a conversation of his own.
    if (this._asking?.signal !== signal) return;
    this._session.set("underWay", null);
    if (!turn.content) this._drop(turn);
    this.viewer.drawTurn(turn);
    this._set({ isBusy: false });
    this.watch();
  }

  /** An answer as it is written: pieces, then the whole, which is what counts. */
  private async _follow(events: AsyncGenerator<Told>, turn: Turn): Promise<void> {
    Object.assign(turn, { content: "", citations: [] });
    for await (const told of events) {
      if (told.type === "message.start") {
        turn.id = told.message_id;
        this._session.set("underWay", { ...this._underWay, conversation: told.conversation_id, message: told.message_id });
      } else if (told.type === "token") {
        turn.content += told.delta;
        this.viewer.drawTurn(turn);
      } else if (told.type === "citation") turn.citations.push(told.citation);
      else if (told.type === "answer") return this._answered(turn, told);
      else if (told.type === "error") throw refused(500, told.error);
    }
    throw Error();
  }

  private _answered(turn: Turn, answer: Answer): void {
    const { behavior, handoff } = this.config;
    this.current = answer.conversation_id ?? this.current;
    this.isFresh = false;
    this.suggestions = behavior.suggestions ? answer.suggestions : [];
    this.offersPerson = answer.handoff_offered && handoff.enabled;
    if (!this._kept.get("lead")) this.asked = answer.lead_form;
    this._finished(Object.assign(turn, answer, { content: this._site(answer.answer), state: "done" }));
    this._tell("answer", answer);
    this._waitForSilence();
  }

  private _finished(turn: Turn): void {
    this.viewer.drawTurn(turn);
    this.viewer.announce(turn);
  }

  private _drop(turn: Turn): void {
    this.turns = this.turns.filter((one) => one !== turn);
  }

  /** An answer that will not come. */
  private _lost(turn: Turn, error: unknown): void {
    this._drop(turn);
    const question = this.turns.at(-1);
    if (question) {
      question.state = "failed";
      this.viewer.drawTurn(question);
    }
    this._failed(error);
  }

  private async _load(id: string): Promise<void> {
    const { messages, status } = await this._api.thread(id);
    this.current = id;
    this.turns = messages.map(fromWire);
    this._position = messages.at(-1)?.position ?? -1;
    this._setStatus(status);
    this.viewer.draw();
  }

  /** Listens for people, the system, and answers given in another tab. */
  async watch(): Promise<void> {
    const id = this._begun && this.current;
    this._watching?.abort();
    if (!id) return;
    const { signal } = (this._watching = new AbortController());
    let pause = WATCH_AGAIN_MS;
    while (!signal.aborted) {
      try {
        for await (const told of await this._api.listen(`events?conversation_id=${id}&after=${this._position}`, signal)) {
          pause = WATCH_AGAIN_MS;
          this._heard(told);
        }
      } catch (error) {
        if ((error as Trouble).status === 404) return;
      }
      await wait(pause * (1 + Math.random()));
      pause = Math.min(2 * pause, WATCH_AGAIN_MAX_MS);
    }
  }

  private _heard(told: Told): void {
    if (told.type === "status") this._setStatus(told.status);
    else if (told.type === "typing") {
      this._set({ someoneWrites: true });
      clearTimeout(this._typingTimer);
      this._typingTimer = setTimeout(() => this._set({ someoneWrites: false }), TYPING_SHOWN_MS);
    } else if (told.type === "message") {
      const { id, position, role, content } = told.message;
      this._position = Math.max(this._position, position);
      // While a question is under way the answer comes by its own stream; a person's reply comes by this one alone.
      const isOwn = role === "user" || (this.isBusy && role !== "agent");
      if (isOwn || this.turns.some((turn) => turn.id === id)) return;
      this.someoneWrites = false;
      if (!this.isOpen || document.hidden) this.missed++;
      this.viewer.announce(this.addTurn(fromWire(told.message)));
      this._tell("message", { role, content });
      if (this.missed) this._tell("unread", this.missed);
    }
  }

  private _setStatus(status: Status): void {
    if (status === this.status) return;
    this._set({ status });
    this._tell("status", status);
  }

  /** The form that comes when nothing was said for a while. */
  private _waitForSilence(): void {
    clearTimeout(this._idleTimer);
    const seconds = this.config.lead_capture.triggers.find((one) => one.type === "idle")?.seconds;
    if (!seconds || this.asked || this.isWithPerson || this._session.get("idleAsked")) return;
    this._idleTimer = setTimeout(() => {
      this._session.set("idleAsked", true);
      this.showForm("idle");
    }, seconds * 1_000);
  }

  private _do(work: () => Promise<unknown>): Promise<unknown> {
    return work().catch((error) => this._failed(error));
  }

  private _failed(error: unknown): void {
    const { status, code, message } = error as Trouble;
    const notice = status ? (status === 429 ? "busy" : "broken") : "offline";
    this._set({ notice });
    this._tell("error", { code: code ?? notice, message });
  }
}

/** Where the visitor is; null for what is no page of the web. */
function page(): { url: string; title: string } | null {
  const { protocol, href } = location;
  return /^http/.test(protocol) ? { url: href.slice(0, 2_048), title: document.title.slice(0, 300) } : null;
}

function fromWire(message: Message): Turn {
  return { ...message, rating: message.feedback?.rating ?? null, state: "done" };
}
