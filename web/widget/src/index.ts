// The entry: `<script src="https://HOST/widget.js" data-key="akv_pub_…" defer>`, and the function `Aivastark`.

import { calls, type Api, type Trouble } from "./api";
import { Chat } from "./chat";
import { keep, type Kept } from "./kept";
import { watchRules } from "./rules";
import { words } from "./strings";
import CSS from "./style.css";
import type { Config, Proof } from "./types";
import { View } from "./view";

type Listener = (detail: unknown) => void;
interface Options {
  key?: string | undefined;
  host?: string | undefined;
  language?: string | undefined;
  identity?: Proof | undefined;
  container?: HTMLElement;
}

/** One widget on one page. Everything is undone by `destroy`. */
class Widget {
  private declare _chat: Chat | undefined;
  private declare _view: View | undefined;
  /** Ends what `start` began; nothing before it. */
  private declare _stop: AbortController | undefined;
  private _listeners: Record<string, Set<Listener>> = {};
  private _waiting: ((chat: Chat, view: View) => unknown)[] = [];
  private declare readonly _home: string;
  private declare readonly _api: Api;
  private declare readonly _kept: Kept;
  private declare readonly _session: Kept;

  constructor(private readonly _options: Options) {
    const { key, host } = _options;
    const name = `aivastark:${key}`;
    this._home = (host || home).replace(/\/$/, "");
    this._kept = keep(name, "localStorage");
    this._session = keep(name, "sessionStorage");
    this._api = calls(`${this._home}/v1/widget/${key}/`, (token) => this._kept.set("token", token));
  }

  async start(): Promise<void> {
    const { container } = this._options;
    const { signal } = (this._stop = new AbortController());
    const config = await this._api.plainly<Config>("config");
    if (!config.enabled || signal.aborted) return;
    const asked = this._options.language || config.content.locale;
    const page = document.documentElement.lang || navigator.language || "en";
    const language = (asked === "auto" ? page : asked).slice(0, 35);
    const say = await words(this._home, language, config.content.strings);
    if (signal.aborted) return;
    const code = /^[a-z]{2}\b/.exec(language)?.[0] ?? null;
    const chat = (this._chat = new Chat(this._api, config, this._tell, code, say.site, this._kept, this._session));
    let files = config.attachments.enabled;
    const open = () => {
      chat.begin();
      if (files) import(`${this._home}/widget/files.js?v=${FILES_VERSION}`).then((loaded) => loaded.default(this._api, chat, view, say));
      files = false;
    };
    const view = (this._view = new View(chat, say, language, !!container, (isOpen) => {
      if (isOpen) open();
      this._tell(isOpen ? "open" : "close");
    }));
    this._mount(config, view.element, signal);
    this._listen(chat, view, signal);
    if (container) chat.isOpen = true;
    const { identity } = this._options;
    this._api.become(identity);
    // The first word to the server: who never opened the window costs no visit.
    if (container) open();
    else if (identity || this._kept.get("token")) chat.begin();
    if (config.launcher.open_on_load) view.show(true);
    for (const command of this._waiting.splice(0)) command(chat, view);
    this._tell("ready");
  }

  /** Runs a command now, or once the window is there. */
  when(command: (chat: Chat, view: View) => unknown): void {
    if (this._chat && this._view) command(this._chat, this._view);
    else this._waiting.push(command);
  }

  on(event: string, listener: Listener): () => void {
    const known = (this._listeners[event] ??= new Set());
    known.add(listener);
    return () => known.delete(listener);
  }

  update({ language, identity }: Options): void {
    if (identity) this.become(identity);
    if (!language || language === this._options.language) return;
    this._options.language = language;
    if (!this._stop) return;
    const wasOpen = this._view?.isOpen;
    this.destroy();
    begin(this, () => wasOpen && this._view?.show(true));
  }

  /** Who it is from now on; without an identity this device forgets the visitor. */
  become(identity?: Proof): void {
    this._options.identity = identity;
    this._api.become(identity);
    this._chat?.anew();
    if (identity) this._chat?.begin();
    else {
      this._kept.clear();
      this._session.clear();
      this._view?.clear();
    }
  }

  destroy(): void {
    this._stop?.abort();
    this._chat?.close();
    this._chat = this._view = undefined;
  }

  private _mount({ branding, launcher }: Config, root: HTMLElement, signal: AbortSignal): void {
    const { container } = this._options;
    const element = document.createElement("aivastark-widget");
    const shadow = element.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
    // As values alone, in the rule of .root: whatever stands in one, it begins no other rule.
    const { style } = sheet.cssRules[1] as CSSStyleRule;
    for (const [name, value] of Object.entries({ ...branding, ...branding.colors, ...launcher })) {
      style.setProperty(`--${name}`, typeof value === "number" ? `${value}px` : (value as string | null));
    }
    shadow.adoptedStyleSheets = [sheet];
    shadow.append(root);
    // Pages that swap their body, or what is in it, take the element with them: put it back.
    const attach = () => {
      const { body, documentElement } = document;
      const place = container ?? body;
      if (!place) return;
      if (element.parentNode !== place) place.append(element);
      if (!container) for (const watched of [documentElement, body]) observer.observe(watched, { childList: true });
    };
    const observer = new MutationObserver(attach);
    attach();
    signal.addEventListener("abort", () => {
      observer.disconnect();
      element.remove();
    });
  }

  private _listen(chat: Chat, view: View, signal: AbortSignal): void {
    addEventListener("online", () => chat.online(), { signal });
    for (const moved of ["resize", "scroll"]) visualViewport!.addEventListener(moved, () => view.fit(), { signal });
    document.addEventListener("visibilitychange", () => !document.hidden && view.isOpen && chat.looked(), { signal });
    watchRules(chat.config.behavior.proactive, this._kept, this._session, signal, (message) => view.speak(message));
  }

  private _tell = (event: string, detail?: unknown): void => {
    // What a listener throws ends up in the console, and stops nothing here.
    for (const listener of this._listeners[event] ?? []) new Promise(() => listener(detail));
  };
}

/** Names the file of this build that lets visitors send files. */
declare const FILES_VERSION: string;

let widget: Widget | null = null;
const source = document.currentScript as HTMLScriptElement | null;
const home = source?.src ? new URL(source.src).origin : location.origin;

/** Does it when the page has loaded and nothing else is to be done. */
function idle(work: () => void): void {
  const soon = () => (window.requestIdleCallback ?? setTimeout)(work);
  if (document.readyState === "complete") soon();
  else addEventListener("load", soon);
}

function start(options: Options): Widget | null {
  const { key = "" } = options;
  if (!/^akv_pub_\w+$/.test(key)) {
    const secret = key.startsWith("akv_live_") ? " A secret key stands here: revoke it now." : "";
    console.error(`Aivastark: data-key takes a public embed key (akv_pub_…).${secret}`);
    return null;
  }
  const made = new Widget(options);
  // Taken away before its moment came, it never begins.
  idle(() => widget === made && begin(made));
  return made;
}

function begin(made: Widget, then?: () => unknown): void {
  made.start().then(then, (error: Trouble) => console.error(`Aivastark: no chat here. ${error.message}`));
}

const shown = (isOpen?: boolean, work?: (chat: Chat) => unknown) => widget?.when((chat, view) => (view.show(isOpen), work?.(chat)));

const COMMANDS: Record<string, (...args: any[]) => unknown> = {
  init: (options: Options) => (widget ??= start(options)),
  open: () => shown(true),
  close: () => shown(false),
  toggle: () => shown(),
  send: (text: string) => shown(true, (chat) => chat.send(`${text}`)),
  identify: (identity: Proof) => widget?.update({ identity }),
  update: (options: Options) => widget?.update(options),
  lead: () => shown(true, (chat) => chat.showForm()),
  escalate: () => shown(true, (chat) => chat.escalate()),
  reset: () => widget?.become(),
  on: (event: string, listener: Listener) => widget?.on(event, listener),
  destroy: () => {
    widget?.destroy();
    widget = null;
  },
};

type Queue = ((command: string, ...args: unknown[]) => unknown) & { q?: Iterable<[string, ...unknown[]]>; isReady?: boolean };

function run(command: string, ...args: unknown[]): unknown {
  const known = COMMANDS[command];
  if (known) return known(...args);
  console.warn(`Aivastark: no command ${command}`);
  return undefined;
}

const page = window as unknown as { Aivastark?: Queue };
// Included twice, the first one stays.
if (!page.Aivastark?.isReady) {
  const waiting = page.Aivastark?.q ?? [];
  page.Aivastark = Object.assign(run, { isReady: true });
  const { key, host, language } = source?.dataset ?? {};
  if (key !== undefined) widget = start({ key, host, language });
  for (const command of waiting) run(...command);
}
