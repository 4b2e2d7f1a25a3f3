// What lets a visitor send files: loaded where the widget takes them, when the window is first open. It wraps what the window does.

import type { Api } from "./api";
import type { Chat, Turn } from "./chat";
import { fill, h } from "./dom";
import CSS from "./files.css";
import type { Key, Words } from "./strings";
import type { Attachment, Message } from "./types";
import type { View } from "./view";

const MEGABYTE = 1e6;
const LET_GO_AFTER_MS = 60_000;
const TAKEN = "image/png,image/jpeg,image/gif,image/webp,application/pdf,text/*";
// Of the other languages' files these are a part.
const ENGLISH = {
  attach: "Attach a file",
  file_remove: "Remove {name}",
  file_large: "A file may have {n} MB at most.",
  file_many: "A conversation holds {n} files at most.",
  file_kind: "Pictures, PDFs and plain text can be sent.",
};

/** A file that is to go with the next message. */
interface Waiting {
  file: File;
  chip: HTMLElement;
  bar: HTMLProgressElement;
}

export default function files(api: Api, chat: Chat, view: View, words: Words): void {
  const { max_bytes, max_per_conversation } = chat.config.attachments;
  const say = (key: keyof typeof ENGLISH, value?: string | number) => words(key as Key, value, ENGLISH[key]);
  const { panel, textBox: text, sendButton: button } = view;
  const [submit, typed, makeTurn, clear] = [view.submit.bind(view), view.typed.bind(view), view.makeTurn.bind(view), view.clear.bind(view)];
  const anew = chat.anew.bind(chat);
  let waiting: Waiting[] = [];
  let uploading: XMLHttpRequest | null = null;

  const list = h("div.files");
  const wrong = h("div.over", { role: "alert" });
  const choose = h("input", { type: "file", multiple: true, accept: TAKEN, hidden: true, onchange: () => (add(choose.files!), (choose.value = "")) });
  const title = say("attach");
  const clip = h("button.clip", { type: "button", title, ariaLabel: title, onclick: () => choose.click() }, drawing("M20 11l-8 8a5 5 0 0 1-7-7l8-8a3 3 0 0 1 5 5l-8 8a1 1 0 0 1-2-2l7-7"));
  text.before(list, wrong, choose, clip);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(CSS);
  (panel.getRootNode() as ShadowRoot).adoptedStyleSheets.push(sheet);

  const add = (chosen: Iterable<File>): void => {
    wrong.textContent = "";
    for (const file of chosen) {
      if (file.size > max_bytes) wrong.textContent = say("file_large", max_bytes / MEGABYTE);
      else if (waiting.length === max_per_conversation) wrong.textContent = say("file_many", max_per_conversation);
      else put(file);
    }
    view.typed(true);
    text.focus();
  };

  const put = (file: File): void => {
    const name = say("file_remove", file.name);
    const remove = h("button", { type: "button", title: name, ariaLabel: name, onclick: () => (drop(one), text.focus()) }, drawing("M6 6l12 12m0-12L6 18"));
    const bar = h("progress", { max: 1, value: 0, hidden: true, ariaLabel: file.name });
    const one = { file, bar, chip: h("span.file", null, h("bdi", null, file.name), bar, remove) };
    waiting.push(one);
    list.append(one.chip);
  };

  const drop = (one: Waiting): void => {
    if (!one.bar.hidden) uploading?.abort();
    one.chip.remove();
    waiting = waiting.filter((other) => other !== one);
    view.typed(true);
  };

  /** Sends what waits, one after the other; false where one did not get through: it goes on waiting. */
  const sendAll = async (): Promise<boolean> => {
    wrong.textContent = "";
    for (const one of waiting) {
      one.bar.hidden = false;
      const failed = await upload(one);
      one.bar.hidden = true;
      if (failed === null) return false;
      if (failed) {
        wrong.textContent = failed;
        return false;
      }
      drop(one);
    }
    return true;
  };

  /** What went wrong, in words; empty when nothing did, and null where nobody wants to know any more. */
  const upload = async ({ file, bar }: Waiting): Promise<string | null> => {
    await chat.begin();
    const body = new FormData();
    body.set("file", file);
    if (chat.current) body.set("conversation_id", chat.current);
    else body.set("new_conversation", `${chat.isFresh}`);
    const call = (uploading = new XMLHttpRequest());
    const ended = await new Promise<boolean>((resolve) => {
      call.onload = () => resolve(true);
      call.onerror = () => resolve(true);
      call.onabort = () => resolve(false);
      call.upload.onprogress = ({ loaded, total }) => (bar.value = loaded / total);
      call.open("POST", `${api.home}attachments`);
      for (const [name, value] of Object.entries(api.proofs())) call.setRequestHeader(name, value);
      call.send(body);
    });
    uploading = null;
    if (!ended) return null;
    if (call.status === 201) return came(JSON.parse(call.responseText));
    if (call.status === 413) return say("file_large", max_bytes / MEGABYTE);
    if (call.status === 415) return say("file_kind");
    if (call.status === 422) return say("file_many", max_per_conversation);
    return words(call.status === 429 ? "busy" : navigator.onLine ? "broken" : "offline");
  };

  const came = ({ conversation_id, message }: { conversation_id: string; message: Message }): string => {
    const isFirst = chat.current !== conversation_id;
    chat.current = conversation_id;
    chat.isFresh = false;
    const { id, role, content, attachments } = message;
    chat.addTurn({ id, role, content, attachments });
    if (isFirst) chat.watch();
    return "";
  };

  const download = async ({ id, name }: Attachment): Promise<void> => {
    const response = await fetch(`${api.home}conversations/${chat.current}/attachments/${id}`, { headers: api.proofs(), credentials: "omit" });
    if (!response.ok) return void (wrong.textContent = words("broken"));
    const href = URL.createObjectURL(await response.blob());
    h("a", { href, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(href), LET_GO_AFTER_MS);
  };

  Object.assign(view, {
    submit: async () => {
      if (uploading || button.disabled || chat.isBusy) return;
      if (await sendAll()) submit();
    },
    typed: (isQuiet?: boolean) => {
      typed(isQuiet);
      if (waiting[0] && !text.value.trim()) button.disabled = false;
    },
    makeTurn: (one: Turn) => {
      const element = makeTurn(one);
      const attachment = one.attachments?.[0];
      if (attachment) fill(element.querySelector(".said")!, h("button.sent", { type: "button", onclick: () => download(attachment) }, h("bdi", null, attachment.name)));
      return element;
    },
    clear: () => {
      clear();
      waiting.forEach(drop);
      wrong.textContent = "";
    },
  });
  chat.anew = () => {
    uploading?.abort();
    anew();
  };
  text.addEventListener("paste", (event) => {
    const { files } = event.clipboardData!;
    if (!files[0]) return;
    event.preventDefault();
    add(files);
  });
  panel.addEventListener("dragover", (event) => event.preventDefault());
  panel.addEventListener("drop", (event) => {
    event.preventDefault();
    add(event.dataTransfer!.files);
  });
  for (const one of chat.turns) if (one.attachments?.[0]) view.drawTurn(one);
}

/** As `icon` in dom.ts, for what only this needs. */
function drawing(path: string): Element {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.ariaHidden = "true";
  line.setAttribute("d", path);
  return fill(svg, line);
}
