import { useState } from "react";

import { subjectOf, type Conversation } from "./conversation";

const KEY = "aivastark-inbox-notify";

/** Browsers have it only on https and on the machine itself. */
export const canNotify = "Notification" in window && window.isSecureContext;

function isOn(): boolean {
  return canNotify && Notification.permission === "granted" && localStorage.getItem(KEY) === "on";
}

/** Whether this browser is told of who waits, and the switch, which asks the browser first. "denied" where the person refused once. */
export function useNotifying(): ["on" | "off" | "denied", () => Promise<void>] {
  const [state, setState] = useState<"on" | "off" | "denied">(isOn() ? "on" : "off");
  const turn = async () => {
    if (state === "on") {
      localStorage.removeItem(KEY);
      setState("off");
      return;
    }
    const answer = await Notification.requestPermission();
    if (answer === "granted") localStorage.setItem(KEY, "on");
    setState(answer === "granted" ? "on" : "denied");
  };
  return [state, turn];
}

/** Says outside the page that somebody waits, unless the page is before one's eyes. A press on it opens the conversation. */
export function notify(conversation: Conversation, open: () => void): void {
  if (!isOn() || document.hasFocus()) return;
  const shown = new Notification("Somebody waits for a person", { body: subjectOf(conversation), tag: conversation.id });
  shown.onclick = () => {
    window.focus();
    open();
    shown.close();
  };
}
