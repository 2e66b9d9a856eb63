// The official SDK for JavaScript.
import OpenAI from "openai";
import { zodResponseFormat } from "openai/helpers/zod";
import { z } from "zod";
import { KEY, URL, WRONG_KEY, lookup, main } from "./kit.mjs";

const client = new OpenAI({ baseURL: URL, apiKey: KEY });
const Place = z.object({ city: z.string(), count: z.number() });
const user = (content) => [{ role: "user", content }];
const tool = { type: "function", function: { name: "lookup", function: lookup, parse: JSON.parse,
  description: "Looks a city up", parameters: { type: "object", required: ["city"],
    properties: { city: { type: "string" } } } } };

const chat = async (text, model = "auto", using = client) =>
  (await using.chat.completions.create({ model, messages: user(text) })).choices[0].message.content;

const stream = async (text, model = "auto") => {
  let said = "", usage;
  for await (const event of await client.chat.completions.create({ model, messages: user(text),
    stream: true, stream_options: { include_usage: true } })) {
    usage = event.usage ?? usage;
    said += event.choices[0]?.delta?.content ?? "";
  }
  return { text: said, tokens: usage.total_tokens };
};

const tools = (text, model = "auto", more = {}) =>
  client.chat.completions.runTools({ model, messages: user("USE A TOOL " + text),
    tools: [tool], ...more }).finalContent();

const schema = async (text) => (await client.chat.completions.parse({ model: "auto",
  messages: user(text), response_format: zodResponseFormat(Place, "place") })).choices[0]
  .message.parsed;

await main({
  models: async () => ({ list: (await client.models.list()).data.map((m) => m.id),
    one: (await client.models.retrieve("auto")).id }),
  chat, stream, tools, stream_tools: (t) => tools(t, "auto", { stream: true }), schema,
  embed: async (t) => Array.from((await client.embeddings.create({ model: "vectors",
    input: [t] })).data[0].embedding),
  long: chat, text: chat, masked: (t) => chat(t, "cloud"),
  masked_stream: (t) => stream(t, "cloud"), masked_tools: (t) => tools(t, "cloud", { stream: true }),
  unknown: (t) => chat(t, "nope"), held: (t) => chat(t, "cloud"),
  key: (t) => chat(t, "auto", new OpenAI({ baseURL: URL, apiKey: WRONG_KEY })),
  limited: (t) => chat(t, "limited"), busy: (t) => chat(t, "busy"),
  broken: (t) => stream(t, "broken"), context: (t) => chat(t, "small"),
});
