// The Markdown of answers as elements: headings, paragraphs, nested lists, tables, code, links, and citation marks.

import { h, link, put, safeUrl } from "./dom";

/** What stands for `[n]`; null where no citation has that number: then it stays text. */
export type Mark = (index: number) => Node | null;

const INLINE =
  /(`+)([\s\S]*?[^`])\1(?!`)|\*\*(?=\S)([\s\S]*?\S)\*\*|(?<!\w)[*_](?=\S)([^*_]*[^*_\s])[*_](?!\w)|\[(\d{1,3})\](?!\()|\[([^\]\n]+)\]\(([^)\s]+)\)|(https?:\/\/[^\s<>()]*[^\s<>().,;:!?'"])/g;
const ITEM = /^(\s*)([-*+•]|\d{1,3}[.)])\s+(.*)$/;
const FENCE = /^\s*(```|~~~)/;
const RULE = /^\s*\|?[\s:|-]*-[\s:|-]*$/;

/** One line's worth of text. */
export function inline(parent: Element, text: string, mark: Mark): void {
  let at = 0;
  for (const found of text.matchAll(INLINE)) {
    put(parent, text.slice(at, found.index));
    at = found.index + found[0].length;
    const [whole, , code, bold, slanted, number, label, target, bare] = found;
    if (code !== undefined) put(parent, h("code", {}, code.trim()));
    else if (bold !== undefined) put(parent, inside("strong", bold, mark));
    else if (slanted !== undefined) put(parent, inside("em", slanted, mark));
    else if (number !== undefined) put(parent, mark(Number(number)) ?? whole);
    else {
      const url = safeUrl(target ?? bare);
      put(parent, url ? link(url, label ?? bare) : whole);
    }
  }
  put(parent, text.slice(at));
}

function inside(tag: "strong" | "em", text: string, mark: Mark): Element {
  const element = h(tag);
  inline(element, text, mark);
  return element;
}

/** The whole answer, replacing what `parent` held. */
export function markdown(parent: Element, text: string, mark: Mark): void {
  parent.replaceChildren();
  const lines = text.split("\n");
  for (let at = 0; at < lines.length; ) at = block(parent, lines, at, mark);
}

function block(parent: Element, lines: string[], at: number, mark: Mark): number {
  const line = lines[at] ?? "";
  if (!line.trim()) return at + 1;
  if (FENCE.test(line)) return code(parent, lines, at);
  const heading = /^(#{1,6})\s+(.*)$/.exec(line);
  if (heading) {
    const element = h("p", { class: "heading", role: "heading", "aria-level": 3 });
    inline(element, heading[2] ?? "", mark);
    put(parent, element);
    return at + 1;
  }
  if (ITEM.test(line)) return list(parent, lines, at, mark);
  if (line.includes("|") && RULE.test(lines[at + 1] ?? "")) return table(parent, lines, at, mark);
  const paragraph = h("p");
  let end = at;
  for (; end < lines.length; end++) {
    const next = lines[end] ?? "";
    if (!next.trim() || (end > at && (FENCE.test(next) || ITEM.test(next) || /^#{1,6}\s/.test(next)))) break;
    if (end > at) put(paragraph, h("br"));
    inline(paragraph, next, mark);
  }
  put(parent, paragraph);
  return end;
}

function code(parent: Element, lines: string[], at: number): number {
  let end = at + 1;
  while (end < lines.length && !FENCE.test(lines[end] ?? "")) end++;
  put(parent, h("pre", { tabindex: 0 }, h("code", {}, lines.slice(at + 1, end).join("\n"))));
  return end + 1;
}

function list(parent: Element, lines: string[], at: number, mark: Mark): number {
  const first = ITEM.exec(lines[at] ?? "");
  const depth = first?.[1]?.length ?? 0;
  const number = parseInt(first?.[2] ?? "", 10);
  const element = isNaN(number) ? h("ul") : h("ol", { start: number === 1 ? null : number });
  let item: Element | null = null;
  while (at < lines.length) {
    const found = ITEM.exec(lines[at] ?? "");
    if (!found) {
      if (item && /^\s+\S/.test(lines[at] ?? "")) {
        put(item, " ");
        inline(item, (lines[at++] ?? "").trim(), mark);
        continue;
      }
      break;
    }
    const deep = found[1]?.length ?? 0;
    if (deep < depth || (deep === depth && isNaN(parseInt(found[2] ?? "", 10)) !== isNaN(number))) break;
    if (deep > depth + 1 && item) at = list(item, lines, at, mark);
    else {
      item = h("li");
      inline(item, found[3] ?? "", mark);
      put(element, item);
      at++;
    }
  }
  put(parent, element);
  return at;
}

function table(parent: Element, lines: string[], at: number, mark: Mark): number {
  const body = h("tbody");
  const head = h("thead", {}, row("th", lines[at] ?? "", mark));
  let end = at + 2;
  for (; end < lines.length && (lines[end] ?? "").includes("|"); end++) put(body, row("td", lines[end] ?? "", mark));
  put(parent, h("div", { class: "table", tabindex: 0 }, h("table", {}, head, body)));
  return end;
}

function row(tag: "th" | "td", line: string, mark: Mark): Element {
  const cells = line.trim().replace(/^\||\|$/g, "").split("|");
  return h("tr", {}, ...cells.map((cell) => {
    const element = h(tag);
    inline(element, cell.trim(), mark);
    return element;
  }));
}
