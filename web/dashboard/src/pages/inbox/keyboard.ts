import { useEffect, useRef } from "react";

const OFF = "aivastark-inbox-keys";

/** Keys of one letter can be switched off: whoever speaks to the computer types them by accident. */
export function areKeysOn(): boolean {
  return localStorage.getItem(OFF) !== "off";
}

export function turnKeys(isOn: boolean): void {
  if (isOn) localStorage.removeItem(OFF);
  else localStorage.setItem(OFF, "off");
}

/** What single keys do while this is shown: never while somebody types, or a dialog or a menu is open. */
export function useKeys(keys: Record<string, () => void>): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const act = latest.current[event.key];
      if (act === undefined || event.ctrlKey || event.metaKey || event.altKey || event.repeat || isBusy(event.target) || !areKeysOn()) return;
      event.preventDefault();
      act();
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, []);
}

function isBusy(target: EventTarget | null): boolean {
  const isTyping = target instanceof HTMLElement && (target.isContentEditable || target.closest("input, textarea, select") !== null);
  return isTyping || document.querySelector("[role=dialog], [role=menu]") !== null;
}
