import type { Settings, Widget } from "./widget";

// The real widget with settings that nobody saved yet. It asks the install for its configuration like on any page;
// while a preview is there, that one question is answered here instead. Everything else of it goes to the server.

type Call = (command: string, options?: object) => unknown;
declare global {
  interface Window {
    Aivastark?: Call;
  }
}

const MESSAGE_MAX_CHARS = 8_000;
const FILE_MAX_BYTES = 10_000_000;
const FILES_PER_CONVERSATION = 20;
let script: Promise<Call> | null = null;

/** `widget.js` of this install, loaded once. */
export function loadScript(): Promise<Call> {
  script ??= new Promise<Call>((resolve, reject) => {
    const element = document.createElement("script");
    element.src = "/widget.js";
    element.onload = () => (window.Aivastark ? resolve(window.Aivastark) : reject(new Error("The preview did not start. Load the page again.")));
    element.onerror = () => {
      script = null;
      reject(new Error("The preview could not be loaded. Check the connection, then load the page again."));
    };
    document.head.append(element);
  });
  return script;
}

/** Shows the widget in the element, or as a button in the page's corner without one. Gives what takes it away. */
export function show(call: Call, widget: Widget, settings: Settings, container: HTMLElement | null): () => void {
  const asked = `/v1/widget/${widget.embed_key}/config`;
  const fetched = window.fetch;
  const answering: typeof fetch = (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input, window.location.href);
    return url.pathname === asked ? Promise.resolve(Response.json(publicConfig(widget, settings))) : fetched(input, init);
  };
  window.fetch = answering;
  call("init", { key: widget.embed_key, host: window.location.origin, ...(container === null ? {} : { container }) });
  return () => {
    call("destroy");
    if (window.fetch === answering) window.fetch = fetched;
  };
}

/** What `GET …/config` would say if these settings were saved. */
function publicConfig(widget: Widget, { branding, launcher, content, behavior, lead_capture, handoff, attachments, security }: Settings): object {
  const { colors } = branding;
  return {
    enabled: true,
    version: widget.version,
    widget_id: widget.id,
    branding: { ...branding, logo_url: ours(branding.logo_url), avatar_url: ours(branding.avatar_url), colors: { ...colors, on_primary: colors.on_primary ?? legible(colors.primary) } },
    launcher: { ...launcher, icon_url: ours(launcher.icon_url), open_on_load: false },
    content,
    behavior,
    lead_capture,
    handoff,
    attachments: { ...attachments, max_bytes: FILE_MAX_BYTES, max_per_conversation: FILES_PER_CONVERSATION },
    identity: security.identity,
    message_max_chars: MESSAGE_MAX_CHARS,
  };
}

/** This page's policy keeps out pictures of other sites; the preview does without them. */
function ours(url: string | null): string | null {
  return url !== null && url.startsWith(`${window.location.origin}/`) ? url : null;
}

/** Black or white, whichever is easier to read on the colour: the server chooses alike. */
function legible(colour: string): string {
  const digits = colour.slice(1).replace(/^(.)(.)(.)$/, "$1$1$2$2$3$3");
  const [red = 0, green = 0, blue = 0] = [0, 2, 4].map((at) => linear(Number.parseInt(digits.slice(at, at + 2), 16) / 255));
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 ? "#ffffff" : "#000000";
}

function linear(channel: number): number {
  return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
}
