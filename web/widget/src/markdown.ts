// The Markdown of answers as elements: headings, paragraphs, nested lists, tables, code, links, and citation marks.

import { h, link, safeUrl } from "./dom";

/** What stands for `[n]`; null where no citation has that number: then it stays text. */
export type Mark = (index: number) => Node | string | null;

const INLINE =
  /(`+)(.*?[^`])\1(?!`)|\*\*(?=\S)(.*?\S)\*\*|(?<!\w)[*_](?=\S)([^*_]*[^*_\s])[*_](?!\w)|\[(\d{1,3})\](?!\()|\[([^\]]+)\]\(([^)\s]+)\)|(https?:\/\/[^\s<>()]*[^\s<>().,;:!?'"])/g;
const ITEM = /^(\s*)([-*+•]|\d{1,3}[.)])\s+(.*)/;
const FENCE = /^\s*(```|~~~)/;
const HEADING = /^#{1,6}\s+(.*)/;
const RULE = /^[\s:|-]*-[\s:|-]*$/;

/** The element with the line's words behind what it holds. */
function say<E extends Element>(parent: E, line: string, mark: Mark): E {
  let at = 0;
  for (const found of line.matchAll(INLINE)) {
    const [whole, , code, bold, slanted, number, label, target, bare] = found;
    const url = safeUrl(target ?? bare);
    parent.append(
      line.slice(at, found.index),
      code
        ? h("code", null, code.trim())
        : bold
          ? say(h("strong"), bold, mark)
          : slanted
            ? say(h("em"), slanted, mark)
            : number
              ? (mark(+number) ?? whole)
              : url
                ? link(url, (label ?? bare)!)
                : whole,
    );
    at = found.index + whole.length;
  }
  parent.append(line.slice(at));
  return parent;
}

/** The whole answer as what `parent` holds. */
export function markdown(parent: Element, text: string, mark: Mark): void {
  /** What the next line may go on with, and the lists it stands in, the outermost first. */
  let open: Element | null = null;
  let lists: { depth: number; element: HTMLElement }[] = [];
  const add = <E extends Element>(element: E): E => {
    parent.append(element);
    lists = [];
    return element;
  };
  const row = (tag: "th" | "td", line: string) =>
    h("tr", null, ...line.trim().replace(/^\||\|$/g, "").split("|").map((cell) => say(h(tag), cell.trim(), mark)));
  const lines = text.split("\n");
  parent.replaceChildren();
  lines.forEach((line, at) => {
    const kind = open?.localName;
    const item = ITEM.exec(line);
    const heading = HEADING.exec(line);
    if (kind === "code") {
      if (FENCE.test(line)) open = null;
      else open!.append(line, "\n");
    } else if (FENCE.test(line)) add(h("pre", { tabIndex: 0 }, (open = h("code"))));
    else if (!line.trim()) (open = null), (lists = []);
    else if (heading) (open = null), say(add(h("h3")), heading[1]!, mark);
    else if (item) {
      const [, indent, bullet, words] = item as unknown as [string, string, string, string];
      open = say(h("li"), words, mark);
      listAt(lists, indent.length, parseInt(bullet), parent).append(open);
    } else if (kind === "tbody" && line.includes("|")) {
      if (!RULE.test(line)) open!.append(row("td", line));
    } else if (line.includes("|") && RULE.test(lines[at + 1] ?? "")) {
      add(h("div.table", { tabIndex: 0 }, h("table", null, h("thead", null, row("th", line)), (open = h("tbody")))));
    } else if (kind === "li" && /^\s/.test(line)) say(open!, ` ${line.trim()}`, mark);
    else if (kind === "p") open!.append(h("br")), say(open!, line, mark);
    else open = say(add(h("p")), line, mark);
  });
}

/** The list that an item so far in belongs to, begun where there is none; `number` is NaN for one with bullets. */
function listAt(lists: { depth: number; element: HTMLElement }[], depth: number, number: number, root: Element): Element {
  const name = isNaN(number) ? "ul" : "ol";
  let last = lists.at(-1);
  while (last && (depth < last.depth || (depth === last.depth && last.element.localName !== name))) {
    lists.pop();
    last = lists.at(-1);
  }
  if (last && depth < last.depth + 2) return last.element;
  const element = h(name, number > 1 ? { start: number } : null);
  (last?.element.lastElementChild ?? root).append(element);
  lists.push({ depth, element });
  return element;
}
