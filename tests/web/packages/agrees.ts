// What the package promises to those who listen is what the widget has to tell.
import type { Events, Identity } from "../../../web/widget/package/types.js";
import type { Answer, Message, Proof, Status } from "../../../web/widget/src/types";

const answer = (given: Answer): Events["answer"] => given;
const message = ({ role, content }: Message): Events["message"] => ({ role, content });
const status = (given: Status): Events["status"] => given;
const identity = (given: Identity): Proof => given;
export { answer, identity, message, status };
