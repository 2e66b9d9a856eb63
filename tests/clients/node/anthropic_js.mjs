// Anthropic's SDK for JavaScript: its MessageStream is strict about the order of events.
import Anthropic from "@anthropic-ai/sdk";
import { KEY, URL, WRONG_KEY, lookup, main } from "./kit.mjs";

const baseURL = URL.replace(/\/v1$/, "");
const client = new Anthropic({ baseURL, apiKey: KEY });
const user = (content) => [{ role: "user", content }];
const tool = { name: "lookup", description: "Looks a city up", input_schema: { type: "object",
  required: ["city"], properties: { city: { type: "string" } } } };
const schemaOf = { type: "object", properties: { city: { type: "string" },
  count: { type: "integer" } } };
const textOf = (message) => message.content.map((b) => b.text ?? "").join("");
const ask = (model, messages, more) => ({ model, max_tokens: 1000, messages, ...more });

const chat = async (text, model = "auto", using = client) =>
  textOf(await using.messages.create(ask(model, user(text))));

const stream = async (text, model = "auto") => {
  let said = "";
  const events = client.messages.stream(ask(model, user(text))).on("text", (t) => { said += t; });
  const whole = await events.finalMessage();
  if (textOf(whole) !== said || whole.stop_reason !== "end_turn") return JSON.stringify(whole);
  return { text: said, tokens: whole.usage.input_tokens + whole.usage.output_tokens };
};

const answerCalls = async (text, message, model) => textOf(await client.messages.create(
  ask(model, [...user(text), { role: "assistant", content: message.content },
    { role: "user", content: message.content.filter((b) => b.type === "tool_use").map((b) =>
      ({ type: "tool_result", tool_use_id: b.id, content: lookup(b.input) })) }],
  { tools: [tool] })));

const calling = { tools: [tool], tool_choice: { type: "any" } };
const tools = async (text, model = "auto") =>
  answerCalls(text, await client.messages.create(ask(model, user(text), calling)), model);
const streamTools = async (text, model = "auto") => answerCalls(text,
  await client.messages.stream(ask(model, user(text), calling)).finalMessage(), model);

const models = async () => {
  const list = [];
  for await (const m of client.models.list()) list.push(m.id);
  return { list, one: (await client.models.retrieve("auto")).id };
};

await main({
  models, chat, stream, tools, stream_tools: streamTools,
  schema: async (t) => JSON.parse(textOf(await client.messages.create(ask("auto", user(t),
    { output_config: { format: { type: "json_schema", schema: schemaOf } } })))),
  long: chat, text: chat, masked: (t) => chat(t, "cloud"),
  masked_stream: (t) => stream(t, "cloud"), masked_tools: (t) => streamTools(t, "cloud"),
  unknown: (t) => chat(t, "nope"), held: (t) => chat(t, "cloud"),
  key: (t) => chat(t, "auto", new Anthropic({ baseURL, apiKey: WRONG_KEY })),
  limited: (t) => chat(t, "limited"), busy: (t) => chat(t, "busy"),
  broken: (t) => stream(t, "broken"), context: (t) => chat(t, "small"),
});
