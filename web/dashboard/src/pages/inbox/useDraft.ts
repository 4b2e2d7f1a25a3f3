import { useState } from "react";

const PREFIX = "aivastark-reply-";

/** What is typed and not sent, kept for each conversation while the tab is open. */
export function useDraft(conversationId: string): [string, (text: string) => void] {
  const [text, setText] = useState(() => sessionStorage.getItem(PREFIX + conversationId) ?? "");
  const keep = (typed: string) => {
    setText(typed);
    if (typed === "") sessionStorage.removeItem(PREFIX + conversationId);
    else sessionStorage.setItem(PREFIX + conversationId, typed);
  };
  return [text, keep];
}

export function hasDraft(conversationId: string): boolean {
  return sessionStorage.getItem(PREFIX + conversationId) !== null;
}
