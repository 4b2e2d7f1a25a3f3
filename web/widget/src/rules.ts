// When the window speaks first: on these pages, at this moment, so often.

import type { Kept } from "./kept";
import type { Rule } from "./types";

/** Watches for each rule's moment; gives what stops watching. */
export function watchRules(rules: Rule[], visitor: Kept, session: Kept, speak: (message: string) => void): () => void {
  const stop = new AbortController();
  const views = (session.get<number>("views") ?? 0) + 1;
  session.set("views", views);
  const seen = new Set<number>();
  rules.forEach((rule, number) => {
    const places = { visitor, session, page: null };
    const place = places[rule.once_per];
    const name = `rule${number}:${rule.message.length}`;
    const fits = () => !rule.paths.length || rule.paths.some((path) => location.pathname.startsWith(path));
    const now = () => {
      if (stop.signal.aborted || seen.has(number) || place?.get(name) || !fits()) return;
      seen.add(number);
      place?.set(name, true);
      speak(rule.message);
    };
    const options = { signal: stop.signal, passive: true };
    if (rule.trigger === "time_on_page") {
      const timer = setTimeout(now, rule.value * 1_000);
      stop.signal.addEventListener("abort", () => clearTimeout(timer));
    } else if (rule.trigger === "page_views") {
      if (views >= rule.value) now();
    } else if (rule.trigger === "scroll") {
      const look = () => {
        const { scrollHeight, clientHeight, scrollTop } = document.documentElement;
        if (100 * (scrollTop + clientHeight) >= rule.value * scrollHeight) now();
      };
      addEventListener("scroll", look, options);
    } else {
      document.addEventListener("mouseout", (event) => !event.relatedTarget && event.clientY <= 0 && now(), options);
    }
  });
  return () => stop.abort();
}
