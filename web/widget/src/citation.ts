// The card of a citation: its source, its words, and the way to where they stand.

import { h, link, safeUrl } from "./dom";
import type { Words } from "./strings";
import type { Citation } from "./types";

const WHOLE_MAX_WORDS = 12;
const START_WORDS = 6;
const END_WORDS = 5;

export function card({ index, title, url, quote }: Citation, words: Words): HTMLElement {
  const safe = safeUrl(url);
  return h(
    "div.card",
    { role: "note" },
    h("b", { dir: "auto" }, title ?? words("source", index)),
    h("q", { dir: "auto" }, quote),
    safe && link(toQuote(safe, quote), words("open_source")),
  );
}

/** The page scrolled to the words, where the browser can: https://wicg.github.io/scroll-to-text-fragment/. */
function toQuote(url: string, quote: string): string {
  if (!url.startsWith("http")) return url;
  const words = quote.trim().split(/\s+/);
  const parts = words.length > WHOLE_MAX_WORDS ? [words.slice(0, START_WORDS), words.slice(-END_WORDS)] : [words];
  const text = parts.map((some) => encodeURIComponent(some.join(" ")).replace(/-/g, "%2D")).join();
  return `${url}${url.includes("#") ? "" : "#"}:~:text=${text}`;
}
