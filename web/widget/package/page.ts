// A page has one widget. Whoever loaded last has it; when it goes, the one before comes back.

import { run, script } from "./script.js";
import type { Changes, Commands, Events, Handle, Listener, LoadOptions, Page, State } from "./types.js";

const WAITING_MAX = 50;
const NOTHING: State = { isReady: false, isOpen: false, unread: 0 };
const EVENTS = ["ready", "open", "close", "message", "answer", "feedback", "lead", "escalate", "status", "unread", "error"] as const;

type Listeners = Map<string, Set<(detail: never) => void>>;
interface Claim {
  options: LoadOptions;
  listeners: Listeners;
  /** Its user signed out while it was not there to be told. */
  hasToForget: boolean;
}

const claims: Claim[] = [];
const waiting: [string, ...unknown[]][] = [];
const everyone: Listeners = new Map();
const watchers = new Set<() => void>();
let shown: Claim | null = null;
let state = NOTHING;

/** Puts the widget on the page, when it is in a browser at all. */
export function load(options: LoadOptions): Handle {
  const claim: Claim = { options, listeners: new Map(), hasToForget: false };
  if (typeof window !== "undefined") {
    claims.push(claim);
    settle();
    document.addEventListener("visibilitychange", seen);
  }
  return {
    ...commands,
    update: (changes) => update(claim, changes),
    on: (event, listener) => listen(claim.listeners, event, listener),
    destroy: () => {
      const at = claims.indexOf(claim);
      if (at >= 0) claims.splice(at, 1);
      settle();
    },
  };
}

const commands: Commands = {
  open: () => give("open"),
  close: () => give("close"),
  toggle: () => give("toggle"),
  send: (message) => give("send", message),
  lead: () => give("lead"),
  escalate: () => give("escalate"),
  identify: (identity) => give("identify", identity),
  reset: () => give("reset"),
  update: (changes) => {
    const claim = claims.at(-1);
    if (claim) update(claim, changes);
  },
};

export const aivastark: Page = {
  ...commands,
  on: (event, listener) => listen(everyone, event, listener),
  getState: () => state,
  subscribe: (changed) => {
    watchers.add(changed);
    return () => void watchers.delete(changed);
  },
};

function give(command: string, ...args: unknown[]): void {
  if (typeof window === "undefined") return;
  if (shown) tellWidget(command, ...args);
  else if (waiting.length < WAITING_MAX) waiting.push([command, ...args]);
}

/** Shows whose turn it is, and nothing when it is nobody's. */
function settle(): void {
  const next = claims.at(-1) ?? null;
  if (next === shown) return;
  takeDown();
  if (next === null) return;
  script(next.options.host, next.options.nonce).then(
    () => next === claims.at(-1) && next !== shown && show(next),
    (error: unknown) => next === claims.at(-1) && failed(next, error),
  );
}

function show(claim: Claim): void {
  shown = claim;
  const { embedKey: key, host, language, identity, container } = claim.options;
  run("init", {
    key,
    host: host ?? location.origin,
    ...(language ? { language } : {}),
    ...(identity && !claim.hasToForget ? { identity } : {}),
    ...(container ? { container } : {}),
  });
  if (claim.hasToForget) {
    run("reset");
    if (identity) run("identify", identity);
  }
  claim.hasToForget = false;
  for (const event of EVENTS) run("on", event, (detail: unknown) => shown === claim && tell(claim, event, detail));
  for (const [command, ...args] of waiting.splice(0)) tellWidget(command, ...args);
}

function tellWidget(command: string, ...args: unknown[]): void {
  run(command, ...args);
  if (command === "reset" || command === "identify") become({ ...state, unread: 0 });
}

function takeDown(): void {
  if (shown) run("destroy");
  shown = null;
  become(NOTHING);
}

function update(claim: Claim, changes: Changes): void {
  const before = claim.options;
  const { language = before.language, identity = before.identity } = changes;
  claim.options = { ...before, language, identity };
  if (!isSame(identity, before.identity)) {
    if (shown !== claim) claim.hasToForget ||= !identity;
    else if (identity) tellWidget("identify", identity);
    else {
      tellWidget("reset");
      return again();
    }
  }
  if (shown !== claim || (language ?? null) === (before.language ?? null)) return;
  if (language) tellWidget("update", { language });
  else again();
}

/** Starts anew what is shown: a visitor who signed out leaves nothing in it, and its own language is read when it starts. */
function again(): void {
  takeDown();
  settle();
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one ?? null) === JSON.stringify(other ?? null);
}

function failed(claim: Claim, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  console.error(`Aivastark: the chat is not shown here. ${message}`);
  tell(claim, "error", { code: "script_not_loaded", message });
  addEventListener("online", settle, { once: true });
}

function tell(claim: Claim, event: keyof Events, detail: unknown): void {
  if (event === "ready") become({ isReady: true, isOpen: state.isOpen || Boolean(claim.options.container), unread: 0 });
  else if (event === "open") become({ ...state, isOpen: true, unread: 0 });
  else if (event === "close") become({ ...state, isOpen: false });
  else if (event === "unread") become({ ...state, unread: Number(detail) });
  for (const listeners of [claim.listeners, everyone]) {
    for (const listener of [...(listeners.get(event) ?? [])]) {
      try {
        listener(detail as never);
      } catch (error) {
        console.error(error);
      }
    }
  }
}

/** The widget counts what comes while nobody looks, and says nothing of those who look again. */
function seen(): void {
  if (!document.hidden && state.isOpen) become({ ...state, unread: 0 });
}

function become(next: State): void {
  if (next.isReady === state.isReady && next.isOpen === state.isOpen && next.unread === state.unread) return;
  state = next;
  for (const changed of [...watchers]) changed();
}

function listen<Name extends keyof Events>(listeners: Listeners, event: Name, listener: Listener<Name>): () => void {
  const known = listeners.get(event) ?? new Set();
  listeners.set(event, known.add(listener));
  return () => void known.delete(listener);
}
