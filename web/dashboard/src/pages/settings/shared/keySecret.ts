import type { Wire } from "../../../api";
import type { Secret } from "./SecretDialog";

export const DAY_MS = 86_400_000;

/** What is told of a key that was just made. */
export function secretOf(made: Wire["KeyMade"]): Secret {
  return {
    title: `Key “${made.name}”`,
    words: "Copy it now: it is shown only here. Whoever has it can do what it may do, so keep it out of web pages and repositories.",
    values: [["Key", made.secret]],
  };
}
