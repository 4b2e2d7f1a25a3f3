// Elements without markup: nothing here, or anywhere in this widget, parses HTML.

export type Child = Node | string | null | undefined | false;
type Value = string | number | boolean | null | undefined | ((event: never) => void);

/** An element with attributes (a function listens to the event of its name) and children. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, Value> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value as EventListener);
    else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  put(element, ...children);
  return element;
}

/** Adds children, leaving out those that are not there. */
export function put(parent: Element | DocumentFragment, ...children: Child[]): void {
  for (const child of children) if (child) parent.append(child);
}

const ICONS = {
  chat: "M4 5h16v11H9l-5 4z",
  question: "M9 9a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.2-1.5 2.4M12 17.5v.1M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18",
  message: "M3 6h18v12H3zM3 7l9 6 9-6",
  headset: "M4 14v-2a8 8 0 0 1 16 0v2M4 13h3v6H5a1 1 0 0 1-1-1zM20 13h-3v6h2a1 1 0 0 0 1-1zM19 19c0 2-3 2-5 2",
  close: "M6 6l12 12M18 6L6 18",
  send: "M5 12h13M12 5l7 7-7 7",
  stop: "M7 7h10v10H7z",
  up: "M7 11l4-7c2 0 2 2 1.5 5H18c1.500 0 2 1 1.700 2l-1.700 7H7zM3 11h4v9H3z",
  down: "M7 13l4 7c2 0 2-2 1.500-5H18c1.500 0 2-1 1.700-2L18 6H7zM3 4h4v9H3z",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  retry: "M4 12a8 8 0 1 1 2.500 5.800M4 19v-5h5",
  person: "M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8M4 21c0-5 3-7 8-7s8 2 8 7",
  fresh: "M12 5v14M5 12h14",
  list: "M4 6h16M4 12h16M4 18h16",
} as const;
export type IconName = keyof typeof ICONS;

/** A line drawing, hidden from screen readers: its button has the words. */
export function icon(name: IconName): SVGElement {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** A web address that may become a link; nothing else may. */
export function safeUrl(url: string | null | undefined): string | null {
  try {
    const parsed = new URL(url ?? "");
    return /^(https?|mailto|tel):$/.test(parsed.protocol) ? parsed.href : null;
  } catch {
    return null;
  }
}

/** A link that opens beside the page and tells the other side nothing. */
export function link(url: string, ...children: Child[]): HTMLAnchorElement {
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer nofollow" }, ...children);
}
