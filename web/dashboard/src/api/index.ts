export { api, take, type Wire } from "./client";
export { ApiError, errorAt, errorBeside, hasCode } from "./errors";
export { useEvents } from "./events";
export { keys } from "./keys";
export { changeRows, useKeysetList, type ListPage } from "./lists";
export { useCan, useMe, useMeIfAny, useMeIfKnown, useMeQuery, useWelcome, type Me } from "./me";
export { readStream, type StreamEvent } from "./readStream";
export { can } from "./roles";
export { useUndoable } from "./undo";
