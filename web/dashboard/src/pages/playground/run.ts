import { ApiError, type Wire } from "../../api";

export type Answer = Wire["AnswerOut"];
export type Citation = Wire["CitationOut"];

/** What of the knowledge a question may be answered from. */
export interface Scope {
  tags?: string[];
  source_ids?: string[];
}

/** One question as it was asked here, and what became of it. */
export interface Run {
  id: string;
  question: string;
  scope: Scope;
  /** The scope as people say it; null for all of the knowledge. */
  scopeSaid: string | null;
  /** Of the conversation it went on with. */
  sessionId: string | null;
  state: "asking" | "done" | "failed";
  /** What has come so far. */
  text: string;
  messageId: string | null;
  answer: Answer | null;
  error: ApiError | null;
}

/** Why an answer was not given with full confidence, or not at all, in words; codes as in docs/api.md. */
const REASONS: Record<string, string> = {
  no_evidence: "Nothing in the knowledge could be quoted.",
  weak_match: "The best passage is a poor match for the question.",
  partial_coverage: "Parts of the question are nowhere near what was quoted.",
  ambiguous_question: "Several documents are as close to the question as the one quoted.",
  retrievers_disagree: "Words and meaning point to different passages, or meaning could not be asked for.",
  conflicting_sources: "Another document answers with other numbers.",
  stale_evidence: "All that was quoted was fetched more than a year ago.",
  person_has_conversation: "A person has the conversation, so the bot is silent.",
  person_requested: "A person was asked for, so the conversation was passed on.",
  model_unavailable: "The language model could not be reached. The documents’ own sentences answer.",
  budget_spent: "The day’s budget for the language model is spent. The documents’ own sentences answer.",
  model_found_no_answer: "The language model found no answer in the passages.",
  unsupported_left_out: "The language model said more than the passages do. That was left out.",
  answer_cut_off: "The language model broke off. What was proven by then is shown.",
  forbidden_topic: "The project does not want this topic spoken of.",
  small_talk: "Nothing was asked, so nothing was looked up.",
  clarifying_question: "Several headings answer it, so the bot asks which is meant.",
};

export function reasonSaid(code: string): string {
  return REASONS[code] ?? code;
}

export const LEVELS = { high: "High", medium: "Medium", low: "Low" } as const;

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

export function whereOf(projectId: string, place: { source_id: string; document_id: string; locator: { char_start: number; char_end: number } }): string {
  const { char_start: start, char_end: end } = place.locator;
  return `/projects/${projectId}/knowledge/${place.source_id}/documents/${place.document_id}?start=${start}&end=${end}`;
}
