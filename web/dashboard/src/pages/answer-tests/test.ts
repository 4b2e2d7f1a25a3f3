import { api, keys, take, type Wire } from "../../api";

export type AnswerTest = Wire["AnswerTestOut"];
export type Run = Wire["AnswerTestRunOut"];
export type Result = Wire["AnswerTestResultOut"];
export type Reason = Wire["AnswerTestReason"];

export const testsKey = (projectId: string, ...rest: readonly unknown[]) => keys.project(projectId, "answer-tests", ...rest);
export const runsKey = (projectId: string, ...rest: readonly unknown[]) => keys.project(projectId, "answer-test-runs", ...rest);

export function isOver(run: Pick<Run, "status">): boolean {
  return run.status === "done";
}

/** What a test expects, in a line. */
export function expectationsOf(test: AnswerTest): string {
  if (test.must_refuse) return "Must be refused";
  const parts = [
    test.must_cite.length > 0 && `cites ${quoted(test.must_cite)}`,
    test.must_say.length > 0 && `says ${quoted(test.must_say)}`,
    test.must_not_say.length > 0 && `does not say ${quoted(test.must_not_say)}`,
    test.min_confidence !== null && `is ${Math.round(test.min_confidence * 100)}% sure`,
  ].filter((part) => part !== false);
  const line = parts.join(", ");
  return line.charAt(0).toUpperCase() + line.slice(1);
}

/** Why a test failed, as a sentence. */
export function reasonOf({ code, expected }: Reason): string {
  switch (code) {
    case "answered":
      return "It was answered, but should be refused.";
    case "not_answered":
      return "It was refused, but should be answered.";
    case "not_cited":
      return `It does not cite “${expected}”.`;
    case "not_said":
      return `It does not say “${expected}”.`;
    case "said":
      return `It says “${expected}”.`;
    case "unsure":
      return expected === null ? "It is less sure than expected." : `It is less sure than expected (${expected}).`;
  }
}

export function tally(run: Run): string {
  const failed = run.failed === 0 ? "none failed" : `${run.failed} failed`;
  return `${run.passed} passed, ${failed}`;
}

export function loadRuns(projectId: string, limit: number, cursor?: string, signal?: AbortSignal): Promise<Wire["AnswerTestRunList"]> {
  const params = { path: { project_id: projectId }, query: { limit, ...(cursor === undefined ? {} : { cursor }) } };
  return take(api.GET("/v1/projects/{project_id}/answer-tests/runs", signal === undefined ? { params } : { params, signal }));
}

function quoted(words: readonly string[]): string {
  return words.map((word) => `“${word}”`).join(" and ");
}
