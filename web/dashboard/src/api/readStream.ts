import { errorOf } from "./errors";
import { sessionFetch } from "./session";

const DATA = "data: {";

/** One event of an answer's stream; its `type` says what else it has. */
export type StreamEvent = { type: string } & Record<string, unknown>;

/**
 * The events of a POST that answers with a stream, in order, up to its end.
 *
 * Throws `ApiError` where the server refuses, before the first event or after it.
 */
export async function* readStream(path: string, body: unknown, signal: AbortSignal): AsyncGenerator<StreamEvent> {
  const headers = { "Content-Type": "application/json", Accept: "text/event-stream" };
  const response = await sessionFetch(new Request(path, { method: "POST", headers, body: JSON.stringify(body), signal }));
  if (!response.ok || response.body === null) throw errorOf(response, await response.json().catch(() => null));
  for await (const line of linesOf(response.body)) {
    if (!line.startsWith(DATA)) continue;
    const event = JSON.parse(line.slice(DATA.length - 1)) as StreamEvent;
    if ("error" in event) throw errorOf(response, event);
    yield event;
  }
}

async function* linesOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const lines = (rest + value).split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
