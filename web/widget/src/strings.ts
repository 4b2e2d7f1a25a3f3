// The window's own words. English is built in; the page's language comes from the install, the site's own words over it.

export const ENGLISH = {
  title: "Chat",
  open: "Open chat",
  close: "Close chat",
  send: "Send",
  stop: "Stop answering",
  retry: "Try again",
  copy: "Copy",
  copied: "Copied",
  helpful: "Helpful",
  not_helpful: "Not helpful",
  source: "Source {n}",
  open_source: "Open the source",
  you: "You",
  bot: "Assistant",
  agent: "Support",
  fresh: "New conversation",
  history: "Conversations",
  no_history: "No conversations yet.",
  writing: "{who} is writing…",
  unread: "{n} unread",
  offline: "You are offline. What you wrote is kept.",
  broken: "That did not work. Please try again.",
  busy: "Too many messages at once. Please wait a moment.",
  person: "Talk to a person",
  waiting: "A person will answer here.",
  joined: "A person is in this conversation.",
  too_long: "{n} over the limit",
  lead_send: "Send",
  lead_skip: "Not now",
  lead_done: "Thank you. We will be in touch.",
  required: "Please fill this in.",
  email: "Please enter an e-mail address.",
  more: "Read more",
  powered: "Powered by Aivastark",
};
export type Key = keyof typeof ENGLISH;
export interface Words {
  /** What is said, with the value where the words have a `{name}`; what is loaded later brings its English along. */
  (key: Key, value?: string | number, english?: string): string;
  /** A sentence of the site's own: one that it left as the install has it is said in the page's language. */
  site(text: string): string;
}

export const RIGHT_TO_LEFT = /^(ar|fa|he|ur|ps|ckb|dv|yi)\b/;

/** Names the words of this build, so that a browser may keep them for ever. */
declare const STRINGS_VERSION: string;

/** The words in a language; whatever it lacks is English. */
export async function words(host: string, language: string, own: Record<string, string>): Promise<Words> {
  let known: { defaults?: Record<string, string> } & Partial<Record<Key, string>> = {};
  // Who writes `no` means Bokmål.
  const code = language.slice(0, 2).replace("no", "nb");
  if (code !== "en") {
    known = await fetch(`${host}/widget/strings/${code}.json?v=${STRINGS_VERSION}`)
      .then((response) => response.json())
      .catch(() => known);
  }
  return Object.assign(
    (key: Key, value: string | number = "", english: string = ENGLISH[key]) =>
      (own[key] ?? known[key] ?? english).replace(/\{\w+\}/, () => `${value}`),
    { site: (text: string) => known.defaults?.[text] ?? text },
  );
}
