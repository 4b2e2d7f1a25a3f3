// What a page says to its widget and hears from it.

/** The site's word for who its visitor is: a signed token, or a user's id with its HMAC. */
export type Identity = { token: string } | { user_id: string; user_hash: string };

export interface LoadOptions {
  /** The widget's public embed key, `akv_pub_…`. */
  embedKey: string;
  /** The install, such as `https://chat.example.com`; without it, the page's own origin. */
  host?: string | undefined;
  /** The interface language; without it, what the widget is configured to. */
  language?: string | null | undefined;
  identity?: Identity | null | undefined;
  /** The element to fill; without it, the widget floats over the page. */
  container?: HTMLElement | null | undefined;
  /** The nonce of a Content-Security-Policy, for the one script that is added. */
  nonce?: string | undefined;
}

/** What may change where the widget stands: `undefined` leaves it, `null` takes it away, and without an identity the visitor is forgotten. */
export type Changes = Pick<LoadOptions, "language" | "identity">;

export interface Citation {
  index: number;
  title: string | null;
  url: string | null;
  quote: string;
}

/** A finished answer, as the install gave it. */
export interface Answer {
  id: string | null;
  conversation_id: string | null;
  answer: string;
  answered: boolean;
  citations: Citation[];
  suggestions: string[];
  handoff_offered: boolean;
  limit_reached: string | null;
  created_at: string;
}

/** What each event tells. */
export interface Events {
  ready: undefined;
  open: undefined;
  close: undefined;
  message: { role: "user" | "assistant" | "agent" | "system"; content: string };
  answer: Answer;
  feedback: { id: string | null; rating: "up" | "down" };
  lead: unknown;
  escalate: undefined;
  status: "open" | "waiting_human" | "human" | "closed";
  unread: number;
  error: { code: string; message: string };
}

export type Listener<Name extends keyof Events> = (detail: Events[Name]) => void;

/** The commands of `Aivastark(…)`. Given before the widget is there, they are carried out once it is. */
export interface Commands {
  open(): void;
  close(): void;
  toggle(): void;
  /** Asks, as if the visitor had. */
  send(message: string): void;
  /** Shows the form for an address. */
  lead(): void;
  /** Asks for a person. */
  escalate(): void;
  identify(identity: Identity): void;
  /** Forgets the visitor on this device: for when your user signs out. */
  reset(): void;
  update(changes: Changes): void;
}

export interface State {
  /** The widget is on the page. */
  isReady: boolean;
  isOpen: boolean;
  unread: number;
}

/** The page's widget, whoever loaded it. */
export interface Page extends Commands {
  /** Gives a function that ends it. */
  on<Name extends keyof Events>(event: Name, listener: Listener<Name>): () => void;
  getState(): State;
  /** Calls whenever `getState` has something new. Gives a function that ends it. */
  subscribe(changed: () => void): () => void;
}

/** A widget that was loaded here. */
export interface Handle extends Commands {
  /** As long as this widget is the one shown. Gives a function that ends it. */
  on<Name extends keyof Events>(event: Name, listener: Listener<Name>): () => void;
  /** Takes it away. */
  destroy(): void;
}
