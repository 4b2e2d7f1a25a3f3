// Asks through OpenAI's own client and says what came, as one JSON object. Address, key and project are arguments.
import OpenAI, { APIError } from "openai";

const [, , baseURL, apiKey, model] = process.argv;
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
const messages = [{ role: "user", content: "When does the shop open?" }];

const whole = await client.chat.completions.create({ model, messages });

const chunks = [];
const stream = await client.chat.completions.create({ model, messages, stream: true, stream_options: { include_usage: true } });
for await (const chunk of stream) chunks.push(chunk);

const gathered = await client.chat.completions.stream({ model, messages }).finalContent();

const models = [];
for await (const one of client.models.list()) models.push(one.id);

async function refused(call) {
  try {
    await call();
  } catch (error) {
    if (!(error instanceof APIError)) throw error;
    return { kind: error.constructor.name, status: error.status, code: error.code, request: error.requestID, message: error.message };
  }
  return null;
}

const errors = [
  await refused(() => client.chat.completions.create({ model: "prj_nobodys", messages })),
  await refused(() => client.chat.completions.create({ model, messages: [] })),
  await refused(() => new OpenAI({ baseURL, apiKey: "akv_live_no", maxRetries: 0 }).models.list()),
];

console.log(JSON.stringify({ whole, chunks, gathered, models, errors }));
