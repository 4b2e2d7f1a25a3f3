// @aivastark/widget: the widget of an install, for those who bundle. Importing it touches nothing.

export { aivastark, load } from "./page.js";
export type { Answer, Changes, Citation, Commands, Events, Handle, Identity, Listener, LoadOptions, Page, State } from "./types.js";
