// The entry: `<script src="https://HOST/widget.js" data-key="akv_pub_…" defer>`, and the function `Aivastark`.

import { Api } from "./api";
import { Chat } from "./chat";
import { Kept } from "./kept";
import { watchRules } from "./rules";
import { words } from "./strings";
import { CSS } from "./style";
import type { Config, Proof } from "./types";
import { View } from "./view";

const TAG = "aivastark-widget";
const EVENTS = ["ready", "open", "close", "message", "answer", "feedback", "lead", "escalate", "status", "unread", "error"];

type Listener = (detail: unknown) => void;
interface Options {
  key?: string;
  host?: string;
  language?: string;
  identity?: Proof;
  container?: HTMLElement;
}

/** One widget on one page. Everything is undone by `destroy`. */
class Widget {
  private _element: HTMLElement | null = null;
  private _chat: Chat | null = null;
  private _view: View | null = null;
  private _undo: (() => void)[] = [];
  private _listeners = new Map<string, Set<Listener>>();
  private _waiting: (() => void)[] = [];
  private _isGone = false;
  private readonly _api: Api;
  private readonly _kept: Kept;

  constructor(private readonly _options: Options & { key: string; host: string }) {
    this._kept = new Kept(`aivastark:${_options.key}`, "localStorage");
    this._api = new Api(_options.host, _options.key, (token) => this._kept.set("token", token));
  }

  async start(): Promise<void> {
    const config = await this._api.config();
    if (!config.enabled || this._isGone) return;
    const asked = this._options.language ?? config.content.locale;
    const page = document.documentElement.lang || navigator.language || "en";
    const language = (asked === "auto" ? page : asked).slice(0, 35);
    const say = await words(this._options.host, language, config.content.strings);
    if (this._isGone) return;
    const isInline = Boolean(this._options.container);
    const chat = new Chat(
      this._api,
      config,
      (what, turn) => {
        if (what === "state") this._view?.draw();
        else if (what === "growing" && turn) this._view?.drawTurn(turn);
        else this._view?.drawTurns();
        if (what === "finished" && turn) this._view?.announce(turn);
      },
      (event, detail) => this._tell(event, detail),
      /^[a-z]{2}\b/.exec(language)?.[0] ?? "",
      this._kept,
    );
    const view = new View(chat, config, say, language, isInline, (open) => {
      if (open) this._meet();
      this._tell(open ? "open" : "close");
    });
    Object.assign(this, { _chat: chat, _view: view });
    this._mount(config, view, isInline);
    view.drawTurns();
    this._listen(config, chat, view);
    if (this._options.identity) await chat.identify(this._options.identity).catch(() => undefined);
    if (isInline) {
      chat.isOpen = true;
      this._meet();
    } else if (chat.hasSomethingUnderWay || this._kept.get("talked")) this._meet();
    if (config.launcher.open_on_load && !isInline) view.toggle(true);
    for (const command of this._waiting.splice(0)) command();
    this._tell("ready");
  }

  /** Runs a command now, or once the window is there. */
  when(command: (chat: Chat, view: View) => void): void {
    const run = () => {
      if (this._chat && this._view) command(this._chat, this._view);
    };
    if (this._view) run();
    else this._waiting.push(run);
  }

  on(event: string, listener: Listener): () => void {
    if (!EVENTS.includes(event)) console.warn(`Aivastark: there is no event "${event}". There are: ${EVENTS.join(", ")}`);
    const known = this._listeners.get(event) ?? new Set();
    this._listeners.set(event, known.add(listener));
    return () => known.delete(listener);
  }

  update({ language, identity }: Options): void {
    if (identity) this.when((chat) => void chat.identify(identity).catch(() => undefined));
    if (language && language !== this._options.language) {
      this._options.language = language;
      const wasOpen = this._view?.isOpen;
      this._takeDown();
      void this.start().then(() => wasOpen && this._view?.toggle(true));
    }
  }

  destroy(): void {
    this._isGone = true;
    this._takeDown();
  }

  private _takeDown(): void {
    for (const undo of this._undo.splice(0)) undo();
    this._chat?.close();
    this._element?.remove();
    this._chat = this._view = this._element = null;
  }

  /** The first word to the server: who never opens the window costs no visit. */
  private _meet(): void {
    if (this._kept.get("token") === null) this._kept.set("talked", true);
    void this._chat?.begin();
  }

  private _mount({ branding, launcher }: Config, view: View, isInline: boolean): void {
    const element = document.createElement(TAG);
    const shadow = element.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
    shadow.adoptedStyleSheets = [sheet];
    shadow.append(view.element);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const paint = () =>
      element.classList.toggle("dark", branding.theme === "dark" || (branding.theme === "auto" && dark.matches));
    paint();
    dark.addEventListener("change", paint);
    this._undo.push(() => dark.removeEventListener("change", paint));
    element.classList.toggle("inline", isInline);
    const { colors } = branding;
    const set = (name: string, value: string | number | null) =>
      value !== null && view.element.parentNode && sheet.insertRule(`:host{--akv-${name}:${value}}`, sheet.cssRules.length);
    const values: Record<string, string | number | null> = {
      primary: colors.primary,
      "on-primary": colors.on_primary,
      background: colors.background,
      text: colors.text,
      radius: `${branding.radius}px`,
      size: `${branding.font_size}px`,
      font: branding.font_family,
      x: `${launcher.offset_x}px`,
      y: `${launcher.offset_y}px`,
      launcher: `${launcher.size}px`,
    };
    for (const [name, value] of Object.entries(values)) if (value === null || /^[\w #,.'"-]+$/.test(String(value))) set(name, value);
    this._element = element;
    if (this._options.container) {
      this._options.container.append(element);
      return;
    }
    // Pages that swap their body, or what is in it, take the element with them: put it back.
    const attach = () => {
      const { body } = document;
      if (!body) return;
      if (element.parentNode !== body) body.append(element);
      for (const watched of [document.documentElement, body]) observer.observe(watched, { childList: true });
    };
    const observer = new MutationObserver(attach);
    attach();
    this._undo.push(() => observer.disconnect());
  }

  private _listen(config: Config, chat: Chat, view: View): void {
    const stop = new AbortController();
    const { signal } = stop;
    addEventListener("online", () => chat.online(), { signal });
    addEventListener("offline", () => view.draw(), { signal });
    document.addEventListener("visibilitychange", () => !document.hidden && view.isOpen && chat.read(), { signal });
    const session = new Kept(`aivastark:${this._options.key}:rules`, "sessionStorage");
    const stopRules = watchRules(config.behavior.proactive, this._kept, session, (message) => view.speak(message));
    this._undo.push(() => stop.abort(), stopRules);
  }

  private _tell(event: string, detail?: unknown): void {
    for (const listener of this._listeners.get(event) ?? []) {
      try {
        listener(detail);
      } catch (error) {
        console.error(error);
      }
    }
  }
}

let widget: Widget | null = null;
const source = document.currentScript as HTMLScriptElement | null;
const home = source?.src ? new URL(source.src).origin : location.origin;

function start(options: Options): Widget | null {
  const { key } = options;
  if (!key) {
    console.error("Aivastark: the script tag needs data-key, the widget's embed key (akv_pub_…).");
    return null;
  }
  if (!key.startsWith("akv_pub_")) {
    console.error(
      "Aivastark: data-key takes the public embed key (akv_pub_…)." +
        (key.startsWith("akv_live_") ? " A secret key stands here, where every visitor can read it: revoke it now." : ""),
    );
    return null;
  }
  const made = new Widget({ ...options, key, host: (options.host ?? home).replace(/\/$/, "") });
  made.start().catch((error: unknown) => {
    console.error(`Aivastark: the chat is not shown here. ${error instanceof Error ? error.message : String(error)}`);
  });
  return made;
}

const COMMANDS: Record<string, (...args: any[]) => unknown> = {
  init: (options: Options) => (widget ??= start(options)),
  open: () => widget?.when((_, view) => view.toggle(true)),
  close: () => widget?.when((_, view) => view.toggle(false)),
  toggle: () => widget?.when((_, view) => view.toggle()),
  send: (text: string) => widget?.when((chat, view) => (view.toggle(true), void chat.send(String(text)))),
  identify: (identity: Proof) => widget?.update({ identity }),
  update: (options: Options) => widget?.update(options),
  lead: () => widget?.when((chat, view) => (view.toggle(true), chat.showForm())),
  escalate: () => widget?.when((chat, view) => (view.toggle(true), void chat.escalate())),
  reset: () => widget?.when((chat) => chat.forget()),
  on: (event: string, listener: Listener) => widget?.on(event, listener),
  destroy: () => {
    widget?.destroy();
    widget = null;
  },
};

type Queue = ((command: string, ...args: unknown[]) => unknown) & { q?: ArrayLike<unknown>[]; isReady?: boolean };

function run(command: string, ...args: unknown[]): unknown {
  const known = COMMANDS[command];
  if (known) return known(...args);
  console.warn(`Aivastark: there is no command "${command}". There are: ${Object.keys(COMMANDS).join(", ")}`);
  return undefined;
}

const page = window as unknown as { Aivastark?: Queue };
// Included twice, the first one stays.
if (!page.Aivastark?.isReady) {
  const waiting = Array.from(page.Aivastark?.q ?? []);
  page.Aivastark = Object.assign(run, { isReady: true });
  const begin = () => {
    const { key, host, language } = source?.dataset ?? {};
    if (source && "key" in source.dataset) {
      widget = start({ ...(key ? { key } : {}), ...(host ? { host } : {}), ...(language ? { language } : {}) });
    }
    for (const [command, ...args] of waiting.map((one) => Array.from(one))) run(String(command), ...args);
  };
  const idle = window.requestIdleCallback ?? ((work: () => void) => setTimeout(work, 1));
  if (document.readyState === "complete") idle(begin);
  else addEventListener("load", () => idle(begin), { once: true });
}
