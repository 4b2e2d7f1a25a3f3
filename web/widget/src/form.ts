// The form that asks for an address, as the server says it is.

import type { Trouble } from "./api";
import type { Chat } from "./chat";
import { h, link, safeUrl } from "./dom";
import type { Words } from "./strings";
import type { Field, LeadForm } from "./types";

type Input = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;
type Button = (kind: "main" | "plain", words: string, onclick: () => unknown) => HTMLButtonElement;

const AUTOCOMPLETE: Record<string, AutoFill> = { name: "name", email: "email", phone: "tel", company: "organization" };

export function leadForm({ fields, consent }: LeadForm, words: Words, chat: Chat, button: Button): HTMLElement {
  const title = words.site(chat.config.lead_capture.title);
  const wrong = h("span.wrong", { role: "alert" });
  const tick = h("input", { type: "checkbox", required: consent.required });
  const url = safeUrl(consent.url);
  const send = async () => {
    const missing = form.querySelector<Input>(":invalid");
    wrong.textContent = missing && words(missing.validity.typeMismatch ? "email" : "required");
    if (missing) return missing.focus();
    const values: Record<string, string> = {};
    new FormData(form).forEach((value, key) => (value = `${value}`.trim()) && (values[key] = value));
    try {
      await chat.sendForm(values, tick.checked);
    } catch (error) {
      const { status, message } = error as Trouble;
      wrong.textContent = status === 422 ? message : words("broken");
    }
  };
  const submit = button("main", words("lead_send"), () => 0);
  submit.type = "submit";
  const form = h(
    "form.box",
    { noValidate: true, onsubmit: (event) => (event.preventDefault(), send()), ariaLabel: title },
    h("b", null, title),
    ...fields.map((field) => h("label", null, words.site(field.label) + (field.required ? " *" : ""), input(field))),
    (consent.required || url) &&
      h("label.tick", null, tick, h("span", { dir: "auto" }, `${consent.text} `, url && link(url, words("more")))),
    wrong,
    h("div.row", null, submit, button("plain", words("lead_skip"), () => chat.declineForm())),
  );
  return form;
}

function input({ key, type, required, options }: Field): Input {
  const common = { name: key, required };
  if (type === "textarea") return h("textarea", { ...common, rows: 3 });
  if (type === "select") return h("select", common, ...["", ...options].map((one) => h("option", null, one)));
  return h("input", { ...common, type: type === "phone" ? "tel" : type, autocomplete: AUTOCOMPLETE[key] ?? "" });
}
