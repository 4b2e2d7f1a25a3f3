import { useEffect, useRef, useState } from "react";

import { Button, ErrorNote, Switch } from "../../design";
import { isAllowed } from "./allowed";
import { useDraft } from "./draft";
import { loadScript, show } from "./live";
import type { Settings } from "./widget";
import style from "./Widgets.module.css";

const WAIT_MS = 400;

/** The widget as it would be, at work. */
export function Preview() {
  const { settings, widget, mayChange, set } = useDraft();
  const settled = useSettled(settings);
  const [isInCorner, setInCorner] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const frame = useRef<HTMLDivElement>(null);
  const { host } = window.location;
  const { allowed_domains: wanted } = settings.security;
  useEffect(() => {
    let takeAway: (() => void) | null = null;
    let isGone = false;
    loadScript().then(
      (call) => {
        if (!isGone) takeAway = show(call, widget, settled, isInCorner ? null : frame.current);
      },
      (failed: Error) => setError(failed),
    );
    return () => {
      isGone = true;
      takeAway?.();
    };
    // Of the widget only its key and version count; it is another object after each look.
  }, [widget.embed_key, widget.version, settled, isInCorner]);
  return (
    <aside className={style.preview} aria-label="Preview">
      <Switch label="Show the button in the corner of this page" checked={isInCorner} onChange={setInCorner} />
      {error && <ErrorNote error={error} />}
      {isInCorner ? <p className={style.corner}>The button is in the corner of this page, as on your site.</p> : <div ref={frame} className={style.window} />}
      <p className={style.soft}>{noteOn(settings, widget.security?.allowed_domains ?? [], widget.enabled !== false)}</p>
      {mayChange && !isAllowed(wanted, window.location) && <Button onClick={() => set("security.allowed_domains", [...wanted, host])}>Allow {host}</Button>}
    </aside>
  );
}

function noteOn(settings: Settings, domains: readonly string[], isOn: boolean): string {
  const { host } = window.location;
  if (!isOn) return "This widget is off: it shows how it looks, but answers nothing.";
  if (!isAllowed(domains, window.location)) return isAllowed(settings.security.allowed_domains, window.location) ? "Save the changes, then you can ask it something here." : `The preview shows how it looks. To ask it something here, add ${host} to the allowed domains.`;
  if (settings.security.identity === "required") return "The preview shows how it looks. It answers only visitors your site vouches for.";
  const isPictured = [settings.branding.logo_url, settings.branding.avatar_url, settings.launcher.icon_url].some((url) => url !== null);
  return `This is the real widget: what you ask here is a real conversation.${isPictured ? " Pictures from other sites show on your pages only." : ""}`;
}

/** The settings, once nothing was typed for a moment. */
function useSettled(settings: Settings): Settings {
  const [settled, setSettled] = useState(settings);
  const written = JSON.stringify(settings);
  useEffect(() => {
    const timer = setTimeout(() => setSettled((before) => (JSON.stringify(before) === written ? before : (JSON.parse(written) as Settings))), WAIT_MS);
    return () => clearTimeout(timer);
  }, [written]);
  return settled;
}
