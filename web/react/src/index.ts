// @aivastark/react: the widget of an install as components. On a server they render its place and do nothing else.

export { AivastarkChat, AivastarkWidget } from "./components.js";
export type { AivastarkChatProps, AivastarkProps, AivastarkWidgetProps } from "./components.js";
export type { AivastarkEventProps } from "./events.js";
export { useAivastark } from "./use-aivastark.js";
export type { UseAivastark } from "./use-aivastark.js";
export type { Answer, Citation, Events, Identity, Page as AivastarkHandle } from "@aivastark/widget";
