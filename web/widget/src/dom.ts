// Elements without markup: nothing here, or anywhere in this widget, parses HTML.

export type Child = Node | string | null | undefined | false;

/** `h("p.note", { lang: "en" }, "words")`: an element with a class, properties and children. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K | `${K}.${string}`,
  properties?: Partial<HTMLElementTagNameMap[K]> | null,
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const [name, className = ""] = tag.split(".") as [K, string?];
  return fill(Object.assign(document.createElement(name), { className }, properties), ...children);
}

/** The element with these children alone, less those that are not there. */
export function fill<E extends Element>(parent: E, ...children: Child[]): E {
  parent.replaceChildren(...(children.filter(Boolean) as Node[]));
  return parent;
}

const ICONS = {
  chat: "M4 5h16v11H9l-5 4z",
  question: "M9 9a3 3 0 1 1 4 3q-1 1-1 2m0 3v1",
  message: "M3 6h18v12H3zl9 6 9-6",
  headset: "M4 14v-2a8 8 0 0 1 16 0v2M4 13h3v6H4zm13 0h3v6h-3z",
  close: "M6 6l12 12m0-12L6 18",
  send: "M5 12h13m-6-7l7 7-7 7",
  stop: "M7 7h10v10H7z",
  helpful: "M7 11l4-7q3 0 2 5h5q2 0 2 2l-2 7H7zH3v9h4",
  copy: "M9 9h11v11H9zm-4 6H4V4h11v1",
  retry: "M4 12a8 8 0 1 1 2 6m-2 1v-5h5",
  fresh: "M12 5v14m-7-7h14",
  history: "M4 6h16M4 12h16M4 18h16",
};
export type IconName = keyof typeof ICONS;

/** A line drawing on a field of 24 by 24, for a button, which has the words. */
export function icon(name: IconName): Element {
  const [svg, path] = ["svg", "path"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag)) as unknown as [SVGElement, SVGElement];
  path.setAttribute("d", ICONS[name]);
  return fill(svg, path);
}

/** A web address that may become a link; nothing else may. */
export function safeUrl(url: string | null | undefined): string | false {
  return /^(https?:\/\/|mailto:|tel:)/.test(url!) && url!;
}

/** A link that opens beside the page and tells the other side nothing. */
export function link(href: string, text: string): HTMLAnchorElement {
  return h("a", { href, target: "_blank", rel: "noreferrer" }, text);
}
