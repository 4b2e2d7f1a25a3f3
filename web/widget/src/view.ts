// The window: a launcher and a panel in a shadow root, drawn from a `Chat` and nothing else.

import { Refused } from "./api";
import type { Chat, Turn } from "./chat";
import { h, icon, link, put, safeUrl, type IconName } from "./dom";
import { markdown } from "./markdown";
import { RIGHT_TO_LEFT, type Key, type Words } from "./strings";
import type { Citation, Config, LeadForm } from "./types";

const NEAR_END_PX = 80;

export class View {
  private _root = h("div", { class: "root" });
  private _launcher: HTMLButtonElement;
  private _panel: HTMLElement;
  private _log: HTMLElement;
  private _below = h("div", { class: "box-list" });
  private _notice = h("div", { class: "notice", role: "status" });
  private _announcer = h("div", { class: "hush", role: "status" });
  private _text: HTMLTextAreaElement;
  private _send: HTMLButtonElement;
  private _over = h("span", { class: "over", role: "status" });
  private _bubble: HTMLElement | null = null;
  private _drawn = new Map<Turn, HTMLElement>();
  private _formOf: LeadForm | null = null;
  private _form: HTMLElement | null = null;
  private _pastIsShown = false;
  private _before: Element | null = null;

  constructor(
    private readonly _chat: Chat,
    private readonly _config: Config,
    private readonly _words: Words,
    language: string,
    private readonly _isInline: boolean,
    private readonly _toggled: (open: boolean) => void,
  ) {
    const { launcher, content } = _config;
    this._log = h("div", { class: "scroll", role: "log", "aria-live": "off", "aria-label": this._title, tabindex: 0 });
    this._text = h("textarea", {
      rows: 1,
      dir: "auto",
      placeholder: content.placeholder,
      "aria-label": content.placeholder,
      enterkeyhint: "send",
      input: () => this._typed(),
      keydown: (event: KeyboardEvent) => {
        if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
        event.preventDefault();
        this._submit();
      },
    });
    this._send = this._button("send", "send", () => (this._chat.isBusy ? this._chat.stop() : this._submit()));
    this._launcher = h("button", { class: "launcher", type: "button", "aria-haspopup": "dialog", click: () => this.toggle() });
    this._panel = this._makePanel();
    this._root.dir = RIGHT_TO_LEFT.test(language) ? "rtl" : "ltr";
    this._root.lang = language;
    this._root.classList.add(launcher.position.slice("bottom-".length));
    put(this._root, !_isInline && this._launcher, this._panel, this._announcer);
    this._panel.hidden = !_isInline;
    this.draw();
  }

  get element(): HTMLElement {
    return this._root;
  }

  get isOpen(): boolean {
    return !this._panel.hidden;
  }

  toggle(open = !this.isOpen): void {
    if (this._isInline || open === this.isOpen) return;
    this._panel.hidden = !open;
    this._root.classList.toggle("open", open);
    this._chat.isOpen = open;
    this.hush();
    if (open) {
      this._before = document.activeElement;
      this._chat.read();
      this._toEnd(true);
      this._text.focus({ preventScroll: true });
    } else if (this._before instanceof HTMLElement && this._before.isConnected && this._before !== document.body) {
      this._launcher.focus({ preventScroll: true });
    }
    this.draw();
    this._toggled(open);
  }

  /** Says something beside the launcher, before anybody asked. */
  speak(message: string): void {
    if (this.isOpen || this._bubble) return;
    this._bubble = h(
      "div",
      { class: "bubble", role: "status" },
      h("button", { class: "speak", type: "button", dir: "auto", click: () => this.toggle(true) }, message),
      this._button("close", "close", () => this.hush()),
    );
    put(this._root, this._bubble);
  }

  hush(): void {
    this._bubble?.remove();
    this._bubble = null;
  }

  /** Everything but the turns. */
  draw(): void {
    const chat = this._chat;
    const { launcher } = this._config;
    const own = safeUrl(launcher.icon_url);
    const label = !this.isOpen && launcher.label;
    this._launcher.replaceChildren();
    put(
      this._launcher,
      this.isOpen ? icon("close") : own ? h("img", { src: own, alt: "" }) : icon(launcher.icon),
      label,
      !!chat.unread && h("span", { class: "badge", "aria-hidden": "true" }, String(chat.unread)),
    );
    const name = (label ? `${label}: ` : "") + this._words(this.isOpen ? "close" : "open");
    const unread = chat.unread ? `, ${this._words("unread", { n: chat.unread })}` : "";
    this._launcher.setAttribute("aria-label", name + unread);
    this._launcher.setAttribute("aria-expanded", String(this.isOpen));
    this._notice.textContent = this._noticeText();
    this._send.replaceChildren(icon(chat.isBusy ? "stop" : "send"));
    this._send.setAttribute("aria-label", this._words(chat.isBusy ? "stop" : "send"));
    this._typed(true);
    this._drawBelow();
  }

  drawTurns(): void {
    if (this._pastIsShown) return;
    for (const [turn, element] of this._drawn) {
      if (!this._chat.turns.includes(turn)) {
        element.remove();
        this._drawn.delete(turn);
      }
    }
    if (!this._log.querySelector(".greeting")) this._greet();
    const starters = this._log.querySelector<HTMLElement>(".greeting .chips");
    if (starters) starters.hidden = this._chat.turns.length > 0;
    for (const turn of this._chat.turns) this.drawTurn(turn);
    this.draw();
    this._toEnd();
  }

  drawTurn(turn: Turn): void {
    const isAtEnd = this._isAtEnd();
    const fresh = this._turn(turn);
    const old = this._drawn.get(turn);
    if (old) old.replaceWith(fresh);
    else this._log.insertBefore(fresh, this._below);
    this._drawn.set(turn, fresh);
    if (isAtEnd) this._toEnd(true);
  }

  /** A finished answer is read out once, and without its marks. */
  announce(turn: Turn): void {
    this._announcer.textContent = `${this._who(turn)}: ${turn.content.replace(/ ?\[\d+\]/g, "")}`;
  }

  private get _title(): string {
    return this._config.branding.title ?? this._words("title");
  }

  private _makePanel(): HTMLElement {
    const { branding } = this._config;
    const logo = safeUrl(branding.logo_url ?? branding.avatar_url);
    const header = h(
      "header",
      {},
      logo && h("img", { src: logo, alt: "", referrerpolicy: "no-referrer" }),
      h("h2", {}, this._title),
      this._button("history", "list", () => this._togglePast()),
      this._button("fresh", "fresh", () => this._chat.fresh()),
      !this._isInline && this._button("close", "close", () => this.toggle(false)),
    );
    put(this._log, this._below);
    const ask = h("form", { class: "ask", submit: (event: Event) => (event.preventDefault(), this._submit()) });
    put(ask, this._over, this._text, this._send);
    const powered = branding.show_powered_by && h("div", { class: "foot" }, this._words("powered"));
    return h(
      "section",
      {
        class: "panel",
        role: this._isInline ? "region" : "dialog",
        "aria-label": this._title,
        keydown: (event: KeyboardEvent) => {
          if (event.key === "Escape" && !event.isComposing) this.toggle(false);
        },
      },
      header,
      this._log,
      this._notice,
      ask,
      powered,
    );
  }

  private _greet(): void {
    const { greeting, starters } = this._config.content;
    const said = h("div", { class: "said", dir: "auto" });
    markdown(said, greeting, () => null);
    this._log.prepend(h("div", { class: "turn assistant greeting" }, said, starters.length > 0 && this._chips(starters)));
  }

  private _chips(texts: string[]): HTMLElement {
    const chips = texts.map((text) =>
      h("button", { class: "chip", type: "button", dir: "auto", click: () => void this._chat.send(text) }, text),
    );
    return h("div", { class: "chips" }, ...chips);
  }

  private _turn(turn: Turn): HTMLElement {
    const said = h("div", { class: "said", dir: "auto" });
    const element = h("div", { class: `turn ${turn.role} ${turn.state}` });
    const isNamed = turn.role === "agent" || turn.role === "assistant";
    put(element, isNamed && h("div", { class: "who" }, this._who(turn)), said);
    if (turn.role === "user") put(said, turn.content);
    else if (turn.state === "writing" && !turn.content) put(said, this._dots());
    else markdown(said, turn.content, (index) => this._mark(turn, index, element));
    if (turn.state === "failed") {
      put(element, h("button", { class: "plain", type: "button", click: () => void this._chat.retry() }, this._words("retry")));
    }
    if (turn.state === "done" && turn.id && isNamed) put(element, this._tools(turn));
    return element;
  }

  private _dots(): HTMLElement {
    const words = h("span", { class: "hush" }, this._words("writing", { who: this._words("bot") }));
    return h("span", { class: "dots" }, h("i"), h("i"), h("i"), words);
  }

  private _who(turn: Turn): string {
    if (turn.role === "user") return this._words("you");
    return turn.author ?? this._words(turn.role === "agent" ? "agent" : "bot");
  }

  private _mark(turn: Turn, index: number, element: HTMLElement): Node | null {
    const citation = turn.citations.find((one) => one.index === index);
    if (!this._config.behavior.show_citations) return citation ? document.createTextNode("") : null;
    if (!citation) return turn.state === "writing" ? document.createTextNode("") : null;
    const name = `${this._words("source", { n: index })}: ${citation.title ?? ""}`;
    const mark = h("button", { class: "mark", type: "button", "aria-label": name, "aria-expanded": "false" }, String(index));
    mark.addEventListener("click", () => this._toggleCard(mark, citation, element));
    return mark;
  }

  private _toggleCard(mark: HTMLElement, citation: Citation, element: HTMLElement): void {
    const wasShown = mark.getAttribute("aria-expanded") === "true";
    element.querySelector(".card")?.remove();
    for (const one of element.querySelectorAll(".mark")) one.setAttribute("aria-expanded", "false");
    if (wasShown) return;
    mark.setAttribute("aria-expanded", "true");
    const url = safeUrl(citation.url);
    const card = h(
      "div",
      { class: "card", role: "note" },
      h("b", { dir: "auto" }, citation.title ?? this._words("source", { n: citation.index })),
      h("q", { dir: "auto" }, citation.quote),
      url && link(toQuote(url, citation.quote), this._words("open_source")),
    );
    element.insertBefore(card, element.querySelector(".tools"));
    card.scrollIntoView({ block: "nearest" });
  }

  private _tools(turn: Turn): HTMLElement {
    const rate = (rating: "up" | "down", key: Key) => {
      const button = this._button(key, rating, () => void this._chat.rate(turn, rating));
      button.setAttribute("aria-pressed", String(turn.rating === rating));
      return button;
    };
    const isLast = this._chat.turns.at(-1) === turn && turn.role === "assistant";
    return h(
      "div",
      { class: "tools" },
      this._button("copy", "copy", () => void this._copy(turn)),
      this._config.behavior.feedback && rate("up", "helpful"),
      this._config.behavior.feedback && rate("down", "not_helpful"),
      isLast && this._button("retry", "retry", () => void this._chat.retry()),
    );
  }

  private async _copy(turn: Turn): Promise<void> {
    await navigator.clipboard?.writeText(turn.content.replace(/ ?\[\d+\]/g, "")).catch(() => undefined);
    this._announcer.textContent = this._words("copied");
  }

  private _drawBelow(): void {
    const chat = this._chat;
    if (chat.form !== this._formOf) {
      this._formOf = chat.form;
      this._form = chat.form && this._makeForm(chat.form);
    }
    const isAtEnd = this._isAtEnd();
    const focused = this._form?.contains((this._root.getRootNode() as ShadowRoot).activeElement);
    if (focused && this._form?.isConnected) return;
    this._below.replaceChildren();
    const handoff = this._config.handoff;
    put(
      this._below,
      chat.someoneWrites && h("div", { class: "who" }, this._words("writing", { who: this._words("agent") })),
      !chat.isBusy && chat.suggestions.length > 0 && this._chips(chat.suggestions),
      chat.offersPerson &&
        h(
          "div",
          { class: "box" },
          !chat.handoffOpen && h("span", {}, handoff.away_message),
          h(
            "div",
            { class: "row" },
            h("button", { class: "main", type: "button", click: () => void chat.escalate() }, this._words("person")),
            h("button", { class: "plain", type: "button", click: () => chat.declinePerson() }, this._words("lead_skip")),
          ),
        ),
      this._form,
    );
    if (isAtEnd) this._toEnd(true);
  }

  private _makeForm(form: LeadForm): HTMLElement {
    const inputs = new Map<string, HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>();
    const wrong = h("span", { class: "wrong", role: "alert" });
    const tick = h("input", { type: "checkbox" });
    const fields = form.fields.map((field) => {
      const common = { name: field.key, required: field.required, "aria-required": field.required ? "true" : null };
      const input =
        field.type === "select"
          ? h("select", common, h("option", { value: "" }, ""), ...field.options.map((one) => h("option", { value: one }, one)))
          : field.type === "textarea"
            ? h("textarea", { ...common, rows: 3 })
            : h("input", { ...common, type: { text: "text", email: "email", phone: "tel" }[field.type], autocomplete: AUTOCOMPLETE[field.key] });
      inputs.set(field.key, input);
      return h("label", {}, `${field.label}${field.required ? " *" : ""}`, input);
    });
    const consentUrl = safeUrl(form.consent.url);
    const submit = async (event: Event) => {
      event.preventDefault();
      const missing = form.fields.find((field) => field.required && !inputs.get(field.key)?.value.trim());
      const badEmail = form.fields.find((field) => field.type === "email" && inputs.get(field.key)?.validity.typeMismatch);
      const problem = missing ?? badEmail;
      wrong.textContent = "";
      if (problem || (form.consent.required && !tick.checked)) {
        wrong.textContent = this._words(!missing && badEmail ? "email" : "required");
        (problem ? inputs.get(problem.key) : tick)?.focus();
        return;
      }
      const values: Record<string, string> = {};
      for (const [key, input] of inputs) if (input.value.trim()) values[key] = input.value.trim();
      try {
        await this._chat.sendForm(values, tick.checked);
      } catch (error) {
        wrong.textContent = error instanceof Refused && error.status === 422 ? error.message : this._words("broken");
      }
    };
    return h(
      "form",
      { class: "box", novalidate: true, submit, "aria-label": this._config.lead_capture.title },
      h("b", {}, this._config.lead_capture.title),
      ...fields,
      (form.consent.required || consentUrl) &&
        h("label", { class: "tick" }, tick, h("span", { dir: "auto" }, form.consent.text, " ", consentUrl && link(consentUrl, this._words("more")))),
      wrong,
      h(
        "div",
        { class: "row" },
        h("button", { class: "main", type: "submit" }, this._words("lead_send")),
        h("button", { class: "plain", type: "button", click: () => this._chat.declineForm() }, this._words("lead_skip")),
      ),
    );
  }

  private async _togglePast(): Promise<void> {
    this._pastIsShown = !this._pastIsShown;
    this._drawn.clear();
    if (!this._pastIsShown) {
      this._log.replaceChildren(this._below);
      return this.drawTurns();
    }
    const list = h("div", { class: "past" });
    this._log.replaceChildren(list);
    const past = await this._chat.history().catch(() => []);
    if (!past.length) put(list, h("p", {}, this._words("no_history")));
    for (const one of past) {
      const when = new Date(one.updated_at).toLocaleString(this._root.lang, { dateStyle: "medium", timeStyle: "short" });
      const open = () => {
        this._pastIsShown = false;
        this._log.replaceChildren(this._below);
        void this._chat.show(one.id);
      };
      put(list, h("button", { type: "button", dir: "auto", click: open }, one.subject ?? when, h("small", {}, when)));
    }
    list.querySelector("button")?.focus();
  }

  private _noticeText(): string {
    const { notice, status } = this._chat;
    if (notice) return this._words(notice);
    if (status === "waiting_human") return this._chat.handoffOpen ? this._words("waiting") : this._config.handoff.away_message;
    return status === "human" ? this._words("joined") : "";
  }

  private _typed(quietly = false): void {
    const over = this._text.value.trim().length - this._config.message_max_chars;
    this._over.textContent = over > 0 ? this._words("too_long", { n: over }) : "";
    this._send.disabled = !this._chat.isBusy && (!this._text.value.trim() || over > 0);
    if (quietly) return;
    this._text.style.height = "auto";
    this._text.style.height = `${Math.min(this._text.scrollHeight, 140)}px`;
    this._chat.typing();
  }

  private _submit(): void {
    if (this._send.disabled || this._chat.isBusy) return;
    const text = this._text.value;
    if (navigator.onLine) this._text.value = "";
    this._typed();
    this._toEnd(true);
    void this._chat.send(text);
  }

  private _button(key: Key, name: IconName, click: () => void): HTMLButtonElement {
    return h("button", { type: "button", "aria-label": this._words(key), title: this._words(key), click }, icon(name));
  }

  private _isAtEnd(): boolean {
    const { scrollHeight, scrollTop, clientHeight } = this._log;
    return scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
  }

  private _toEnd(force = false): void {
    if (force || this._isAtEnd()) this._log.scrollTop = this._log.scrollHeight;
  }
}

const AUTOCOMPLETE: Record<string, string> = { name: "name", email: "email", phone: "tel", company: "organization" };

/** The page scrolled to the words, where the browser can: https://wicg.github.io/scroll-to-text-fragment/. */
function toQuote(url: string, quote: string): string {
  if (!/^https?:/.test(url)) return url;
  const encode = (text: string) => encodeURIComponent(text).replace(/-/g, "%2D");
  const words = quote.trim().split(/\s+/);
  const start = encode(words.slice(0, 6).join(" "));
  const text = words.length > 12 ? `${start},${encode(words.slice(-5).join(" "))}` : encode(words.join(" "));
  return `${url}${url.includes("#") ? "" : "#"}:~:text=${text}`;
}
