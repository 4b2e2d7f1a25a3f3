// What the widget tells, as props.

import type { Events } from "@aivastark/widget";

const PROPS = {
  ready: "onReady",
  open: "onOpen",
  close: "onClose",
  message: "onMessage",
  answer: "onAnswer",
  feedback: "onFeedback",
  lead: "onLead",
  escalate: "onEscalate",
  status: "onStatus",
  unread: "onUnread",
  error: "onError",
} as const satisfies Record<keyof Events, string>;

type Props = typeof PROPS;

export type AivastarkEventProps = { [Name in keyof Events as Props[Name]]?: ((detail: Events[Name]) => void) | undefined };

export const EVENTS = Object.keys(PROPS) as (keyof Events)[];

/** Calls what the props have for this event. */
export function tell(props: AivastarkEventProps, event: keyof Events, detail: never): void {
  props[PROPS[event]]?.(detail);
}
