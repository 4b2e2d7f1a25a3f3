// When the window speaks first: on these pages, at this moment, so often.

import type { Kept } from "./kept";
import type { Rule } from "./types";

/** Watches for each rule's moment, until the signal. */
export function watchRules(rules: Rule[], visitor: Kept, session: Kept, signal: AbortSignal, speak: (message: string) => void): void {
  const views = (session.get<number>("views") ?? 0) + 1;
  session.set("views", views);
  rules.forEach(({ trigger, value, paths, message, once_per }, number) => {
    const name = `rule${number}:${message.length}`;
    const place = once_per === "visitor" ? visitor : session;
    let isDone = once_per !== "page" && place.get(name);
    const now = () => {
      if (signal.aborted || isDone || (paths[0] && !paths.some((path) => location.pathname.startsWith(path)))) return;
      isDone = true;
      place.set(name, true);
      speak(message);
    };
    if (trigger === "time_on_page") setTimeout(now, value * 1_000);
    else if (trigger === "page_views") views < value || now();
    else if (trigger === "scroll") {
      const look = () => {
        const { scrollHeight, clientHeight, scrollTop } = document.documentElement;
        if (100 * (scrollTop + clientHeight) >= value * scrollHeight) now();
      };
      addEventListener("scroll", look, { signal });
    } else document.addEventListener("mouseout", (event) => event.relatedTarget || event.clientY > 0 || now(), { signal });
  });
}
