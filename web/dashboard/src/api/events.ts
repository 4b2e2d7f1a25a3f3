import { useEffect, useRef } from "react";

const AGAIN_AFTER_MS = 1_000;
const AGAIN_AFTER_MAX_MS = 30_000;

/** What to do with each kind of event: by its name, with its data. */
export type Handlers = Record<string, (data: never) => void>;

/**
 * Follow a stream of the API for as long as the component is there; `null` follows nothing.
 *
 * A broken line is taken up again by the browser, which says what it saw last; where the server refused, it is tried
 * again, each time later. Who knows that the stream is over passes `null`. `onAgain` is called when the line is there
 * again: something may have been missed.
 */
export function useEvents(path: string | null, handlers: Handlers, onAgain?: () => void): void {
  const latest = useRef({ handlers, onAgain });
  latest.current = { handlers, onAgain };
  const names = Object.keys(handlers).sort().join(" ");
  useEffect(() => (path === null ? undefined : follow(path, names.split(" "), latest)), [path, names]);
}

interface Listening {
  handlers: Handlers;
  onAgain: (() => void) | undefined;
}

function follow(path: string, names: readonly string[], latest: { current: Listening }): () => void {
  let source: EventSource | null = null;
  let isFirst = true;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wait = AGAIN_AFTER_MS;
  const open = () => {
    source = new EventSource(path);
    source.onopen = () => {
      wait = AGAIN_AFTER_MS;
      if (!isFirst) latest.current.onAgain?.();
      isFirst = false;
    };
    source.onerror = () => {
      if (source?.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(open, wait);
      wait = Math.min(wait * 2, AGAIN_AFTER_MAX_MS);
    };
    for (const name of names) source.addEventListener(name, (event) => latest.current.handlers[name]?.(JSON.parse(event.data) as never));
  };
  open();
  return () => {
    clearTimeout(timer);
    source?.close();
  };
}
