// The window: a launcher and a panel in a shadow root, drawn from a `Chat` and nothing else.

import type { Chat, Turn } from "./chat";
import { card } from "./citation";
import { fill, h, icon, safeUrl, type Child, type IconName } from "./dom";
import { leadForm } from "./form";
import { markdown } from "./markdown";
import { RIGHT_TO_LEFT, type Key, type Words } from "./strings";
import type { Citation, LeadForm } from "./types";

const NEAR_END_PX = 80;
const TEXT_MAX_PX = 140;
const ZOOMED = 1.1;

export class View {
  declare readonly element: HTMLElement;
  private declare _title: string;
  private _launcher = h("button.launcher", { ariaHasPopup: "dialog", onclick: () => this.show() });
  declare readonly panel: HTMLElement;
  private declare _log: HTMLElement;
  private _past = h("div.scroll past", { hidden: true });
  private declare _greeting: HTMLElement;
  private _below = h("div.below");
  private _formPlace = h("div");
  private _notice = h("div.notice", { role: "status" });
  private _announcer = h("div.hush", { role: "status" });
  private _over = h("div.over", { role: "status" });
  declare readonly textBox: HTMLTextAreaElement;
  declare readonly sendButton: HTMLButtonElement;
  private declare _starters: HTMLElement;
  private declare _bubble: HTMLElement | null;
  private _drawn = new Map<Turn, HTMLElement>();
  private declare _form: LeadForm | null;

  constructor(
    private readonly _chat: Chat,
    private readonly _words: Words,
    private readonly _language: string,
    private readonly _isInline: boolean,
    private readonly _toggled: (open: boolean) => void,
  ) {
    const { branding, content, launcher } = _chat.config;
    const placeholder = _words.site(content.placeholder);
    this._title = branding.title ?? _words("title");
    this.textBox = h("textarea", {
      rows: 1,
      dir: "auto",
      placeholder,
      ariaLabel: placeholder,
      enterKeyHint: "send",
      oninput: () => this.typed(),
      onkeydown: (event) => {
        if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
        event.preventDefault();
        this.submit();
      },
    });
    this.sendButton = this._button("send", () => (_chat.isBusy ? _chat.stop() : this.submit()));
    const said = h("div.said", { dir: "auto" });
    markdown(said, _words.site(content.greeting), () => null);
    this._starters = this._chips(content.starters);
    this._log = h(
      "div.scroll",
      { role: "log", ariaLive: "off", ariaLabel: this._title, tabIndex: 0 },
      (this._greeting = h("div.turn assistant greeting", null, said)),
      this._below,
      this._formPlace,
    );
    this.panel = this._makePanel();
    this.element = h(
      `div.root ${branding.theme} ${_isInline ? "inline" : launcher.position.slice("bottom-".length)}`,
      { dir: RIGHT_TO_LEFT.test(_language) ? "rtl" : "ltr", lang: _language },
      !_isInline && this._launcher,
      this.panel,
      this._announcer,
    );
    this.panel.hidden = !_isInline;
    _chat.viewer = this;
    this.draw();
  }

  get isOpen(): boolean {
    return !this.panel.hidden;
  }

  show(open = !this.isOpen): void {
    if (this._isInline || open === this.isOpen) return;
    const hadFocus = this.panel.matches(":focus-within");
    this.panel.hidden = !open;
    this._chat.isOpen = open;
    this.element.classList.toggle("open", open);
    this.hush();
    if (open) {
      this._chat.looked();
      this._toEnd(true);
      this.textBox.focus({ preventScroll: true });
    } else {
      this.draw();
      if (hadFocus) this._launcher.focus({ preventScroll: true });
    }
    this._toggled(open);
  }

  /** Says something beside the launcher, before anybody asked. */
  speak(message: string): void {
    if (this.isOpen || this._bubble) return;
    this._bubble = h(
      "div.bubble",
      { role: "status" },
      this._wordsButton("speak", message, () => this.show(true)),
      this._button("close", () => this.hush()),
    );
    this.element.append(this._bubble);
  }

  hush(): void {
    this._bubble?.remove();
    this._bubble = null;
  }

  /** Everything, but what stands in a turn that is there. */
  draw(): void {
    const { config, turns, isBusy, missed } = this._chat;
    const { launcher } = config;
    const url = safeUrl(launcher.icon_url);
    const { isOpen } = this;
    const label = !isOpen && launcher.label;
    fill(
      this._launcher,
      isOpen ? icon("close") : url ? h("img", { src: url, alt: "" }) : icon(launcher.icon),
      label,
      !!missed && h("span.badge", { title: `${missed}` }),
    );
    this._launcher.ariaLabel = [label, this._words(isOpen ? "close" : "open"), missed && this._words("unread", missed)].filter(Boolean).join(", ");
    this._launcher.ariaExpanded = `${isOpen}`;
    this._notice.textContent = this._noticeText();
    fill(this.sendButton, icon(isBusy ? "stop" : "send")).ariaLabel = this.sendButton.title = this._words(isBusy ? "stop" : "send");
    const hadFocus = this._log.matches(":focus-within");
    if (turns[0]) this._starters.remove();
    else if (!this._starters.isConnected) this._greeting.append(this._starters);
    for (const [turn, element] of this._drawn) {
      if (turns.includes(turn)) continue;
      element.remove();
      this._drawn.delete(turn);
    }
    for (const turn of turns) if (!this._drawn.has(turn)) this.drawTurn(turn);
    this._keepEnd(() => this._drawBelow());
    // What was pressed may be gone: who uses the keyboard stays in the window, and on a phone none comes up.
    if (hadFocus && !this._log.matches(":focus-within")) this._log.focus({ preventScroll: true });
    this.typed(true);
  }

  drawTurn(turn: Turn): void {
    if (!this._chat.turns.includes(turn)) return;
    this._keepEnd(() => {
      const fresh = this.makeTurn(turn);
      const old = this._drawn.get(turn);
      if (old) old.replaceWith(fresh);
      else this._below.before(fresh);
      this._drawn.set(turn, fresh);
    });
  }

  /** A keyboard on the glass lies over the page: the window keeps to what is seen of it. Who zooms in moves about in it instead. */
  fit(): void {
    const { height, offsetTop, scale } = visualViewport!;
    this._keepEnd(() => (this.panel.style.cssText = scale > ZOOMED ? "" : `--height:${height}px;--top:${offsetTop}px`));
  }

  clear(): void {
    this.textBox.value = this._announcer.textContent = "";
    this._showPast(false);
  }

  /** A finished answer is read out once, and without its marks. */
  announce(turn: Turn): void {
    this._announcer.textContent = `${this._who(turn)}: ${plain(turn)}`;
  }

  private _makePanel(): HTMLElement {
    const { branding } = this._chat.config;
    const src = safeUrl(branding.logo_url ?? branding.avatar_url);
    return h(
      "section.panel",
      {
        role: this._isInline ? "region" : "dialog",
        ariaLabel: this._title,
        onkeydown: (event) => {
          if (event.key === "Escape" && !event.isComposing) this.show(false);
        },
      },
      h(
        "header",
        null,
        src && h("img", { referrerPolicy: "no-referrer", src, alt: "" }),
        h("h2", null, this._title),
        this._button("history", () => this._showPast(this._past.hidden)),
        this._button("fresh", () => (this._showPast(false), this._chat.newConversation())),
        !this._isInline && this._button("close", () => this.show(false)),
      ),
      this._log,
      this._past,
      this._notice,
      h("form.ask", { onsubmit: (event) => (event.preventDefault(), this.submit()) }, this._over, this.textBox, this.sendButton),
      branding.show_powered_by && h("div.foot", null, this._words("powered")),
    );
  }

  private _chips(texts: string[]): HTMLElement {
    return h("div.row", null, ...texts.map((text) => this._wordsButton("chip", text, () => this._chat.send(text))));
  }

  makeTurn(turn: Turn): HTMLElement {
    const { role, state, content } = turn;
    const isNamed = role === "agent" || role === "assistant";
    const said = h("div.said", { dir: "auto" });
    const element = h(`div.turn ${role} ${state}`, null, h(isNamed ? "div.who" : "div.hush", null, this._who(turn)), said);
    if (role === "user") fill(said, content);
    else if (!content && state === "writing") {
      fill(said, h("span.dots", { ariaHidden: "true" }, "● ● ●"), h("span.hush", null, this._words("writing", this._words("bot"))));
    } else markdown(said, content, (index) => this._mark(turn, index, element));
    if (state === "failed") element.append(this._wordsButton("plain", this._words("retry"), () => this._chat.askAgain()));
    if (state === "done" && turn.id && isNamed) element.append(this._tools(turn));
    return element;
  }

  private _who({ role, author }: Turn): Child & string {
    return role === "user" ? this._words("you") : role === "system" ? "" : (author ?? this._words(role === "agent" ? "agent" : "bot"));
  }

  private _mark(turn: Turn, index: number, element: HTMLElement): Node | string | null {
    const citation = turn.citations.find((one) => one.index === index);
    if (!citation) return turn.state === "writing" ? "" : null;
    if (!this._chat.config.behavior.show_citations) return "";
    return h(
      "button.mark",
      {
        ariaLabel: `${this._words("source", index)}: ${citation.title ?? ""}`,
        ariaExpanded: "false",
        onclick: ({ currentTarget }) => this._toggleCard(currentTarget as HTMLElement, citation, element),
      },
      `${index}`,
    );
  }

  private _toggleCard(mark: HTMLElement, citation: Citation, element: HTMLElement): void {
    const isShown = mark.ariaExpanded === "true";
    element.querySelector(".card")?.remove();
    for (const one of element.querySelectorAll(".mark")) one.ariaExpanded = `${one === mark && !isShown}`;
    if (isShown) return;
    const shown = card(citation, this._words);
    element.insertBefore(shown, element.querySelector(".tools"));
    shown.scrollIntoView({ block: "nearest" });
  }

  private _tools(turn: Turn): HTMLElement {
    const chat = this._chat;
    const rates = (["up", "down"] as const).map((rating) => {
      const click = () => {
        chat.rate(turn, rating);
        for (const one of rates) one.ariaPressed = `${one === button}`;
      };
      const button = this._button(rating === "up" ? "helpful" : "not_helpful", click, "helpful", rating);
      button.ariaPressed = `${turn.rating === rating}`;
      return button;
    });
    return h(
      "div.tools",
      null,
      this._button("copy", () =>
        navigator.clipboard?.writeText(plain(turn)).then(() => (this._announcer.textContent = this._words("copied"))),
      ),
      ...(chat.config.behavior.feedback ? rates : []),
      turn.role === "assistant" && this._button("retry", () => chat.askAgain()),
    );
  }

  private _drawBelow(): void {
    const chat = this._chat;
    const { suggestions, asked } = chat;
    fill(
      this._below,
      chat.someoneWrites && h("div.who", null, this._words("writing", this._words("agent"))),
      !chat.isBusy && !chat.isWithPerson && suggestions[0] && this._chips(suggestions),
      chat.offersPerson &&
        h(
          "div.box",
          null,
          !chat.handoffOpen && this._away(),
          h(
            "div.row",
            null,
            this._wordsButton("main", this._words("person"), () => chat.escalate()),
            this._wordsButton("plain", this._words("lead_skip"), () => chat.declinePerson()),
          ),
        ),
    );
    if (asked === this._form) return;
    this._form = asked;
    fill(this._formPlace, asked && leadForm(asked, this._words, chat, this._wordsButton));
  }

  private async _showPast(isShown: boolean): Promise<void> {
    this._log.hidden = isShown;
    this._past.hidden = !isShown;
    if (!isShown) return;
    const past = await this._chat.past().catch(() => []);
    fill(
      this._past,
      !past.length && this._words("no_history"),
      ...past.map(({ id, subject, updated_at }) => {
        const when = new Date(updated_at).toLocaleString(this._language, { dateStyle: "medium", timeStyle: "short" });
        const button = this._wordsButton("plain", subject ?? when, () => {
          this._showPast(false);
          this._chat.show(id);
        });
        button.append(h("small", { dir: "auto" }, when));
        return button;
      }),
    );
    this._past.querySelector("button")?.focus();
  }

  private _away(): string {
    return this._words.site(this._chat.config.handoff.away_message);
  }

  private _noticeText(): string {
    const { notice, status, handoffOpen } = this._chat;
    if (notice) return this._words(notice);
    if (status === "waiting_human") return handoffOpen ? this._words("waiting") : this._away();
    return status === "human" ? this._words("joined") : "";
  }

  typed(isQuiet?: boolean): void {
    const { style, value } = this.textBox;
    const over = value.trim().length - this._chat.config.message_max_chars;
    this._over.textContent = over > 0 ? this._words("too_long", over) : "";
    this.sendButton.disabled = !this._chat.isBusy && (!value.trim() || over > 0);
    if (isQuiet) return;
    style.height = "auto";
    style.height = `${Math.min(this.textBox.scrollHeight, TEXT_MAX_PX)}px`;
    this._chat.typing();
  }

  submit(): void {
    if (this.sendButton.disabled || this._chat.isBusy) return;
    const { value } = this.textBox;
    if (navigator.onLine) this.textBox.value = "";
    this.typed();
    this._showPast(false);
    this._toEnd(true);
    this._chat.send(value);
  }

  private _button(key: Key, onclick: () => unknown, name = key as IconName, kind: string = key): HTMLButtonElement {
    const title = this._words(key);
    return h(`button.${kind}`, { type: "button", title, ariaLabel: title, onclick }, icon(name));
  }

  private _wordsButton(kind: "main" | "plain" | "chip" | "speak", words: string, onclick: () => unknown): HTMLButtonElement {
    return h(`button.${kind}`, { type: "button", dir: "auto", onclick }, words);
  }

  /** Does it, and keeps the end in sight where it was. */
  private _keepEnd(work: () => void): void {
    const { scrollHeight, scrollTop, clientHeight } = this._log;
    const isAtEnd = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
    work();
    this._toEnd(isAtEnd);
  }

  private _toEnd(isDue: boolean): void {
    if (isDue) this._log.scrollTop = this._log.scrollHeight;
  }
}

/** What was said, without its marks. */
function plain(turn: Turn): string {
  return turn.content.replace(/ ?\[\d+\]/g, "");
}
