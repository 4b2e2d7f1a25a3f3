import { keys, type Wire } from "../../../api";

export type Pinned = Wire["PinnedAnswerOut"];

export const pinnedKey = (projectId: string, ...rest: readonly unknown[]) => keys.project(projectId, "pinned-answers", ...rest);
