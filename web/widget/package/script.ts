// HOST/widget.js on this page, once.

type Global = (command: string, ...args: unknown[]) => unknown;
interface Policy {
  createScriptURL(url: string): string;
}
interface Browser {
  Aivastark?: Global & { isReady?: boolean };
  trustedTypes?: { createPolicy(name: string, rules: Policy): Policy };
  requestIdleCallback?: (work: () => void) => unknown;
}

const POLICY = "aivastark";
const browser = (): Browser => window as unknown as Browser;
const loading = new Map<string, Promise<void>>();
let policy: Policy | null = null;

/** Resolves when the page has the function `Aivastark` and a moment for it. After a failure the next call tries again. */
export function script(host: string | undefined, nonce: string | undefined): Promise<void> {
  const address = addressOf(host);
  if (address === null) return Promise.reject(new Error(`"${host}" is no address of an install`));
  if (browser().Aivastark?.isReady) return idle();
  const known = loading.get(address);
  if (known) return known.then(idle);
  const made = add(address, nonce);
  loading.set(address, made);
  made.catch(() => loading.delete(address));
  return made.then(idle);
}

export function run(command: string, ...args: unknown[]): unknown {
  return browser().Aivastark?.(command, ...args);
}

function addressOf(host: string | undefined): string | null {
  try {
    const url = new URL(`${(host ?? location.origin).replace(/\/+$/, "")}/widget.js`);
    return /^https?:$/.test(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

function add(address: string, nonce: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const element = document.createElement("script");
    const fail = () => {
      element.remove();
      reject(new Error(`${address} could not be loaded: is it there, and does the page's script-src allow it?`));
    };
    element.addEventListener("load", () => resolve());
    element.addEventListener("error", fail);
    element.crossOrigin = "anonymous";
    if (nonce) element.nonce = nonce;
    try {
      element.src = trusted(address);
      document.head.append(element);
    } catch (error) {
      reject(error);
    }
  });
}

/** Where Trusted Types are required, the page allows us by `trusted-types aivastark`. */
function trusted(address: string): string {
  try {
    policy ??= browser().trustedTypes?.createPolicy(POLICY, { createScriptURL: (url) => url }) ?? null;
  } catch {
    // Not allowed here: where they are required, the browser says so now.
  }
  return policy ? policy.createScriptURL(address) : address;
}

/** As the script tag does it: after the page has loaded, when nothing else is to be done. What was asked first comes first. */
function idle(): Promise<void> {
  return new Promise((resolve) => {
    const soon = browser().requestIdleCallback ?? ((work: () => void) => setTimeout(work, 1));
    const wait = () => soon(() => resolve());
    if (document.readyState === "complete") wait();
    else addEventListener("load", wait, { once: true });
  });
}
