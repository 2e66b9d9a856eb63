// The official SDK of Ollama for JavaScript.  It asks once: a 429 or 503 is the caller's.
import { Ollama } from "ollama";
import { KEY, URL, WRONG_KEY, lookup, main } from "./kit.mjs";

const using = (key) => new Ollama({ host: URL.replace(/\/v1$/, ""),
  headers: { Authorization: "Bearer " + key } });
const client = using(KEY);
const user = (content) => [{ role: "user", content }];
const tool = { type: "function", function: { name: "lookup", description: "Looks a city up",
  parameters: { type: "object", required: ["city"], properties: { city: { type: "string" } } } } };

const chat = async (text, model = "auto", ollama = client) => {
  const said = (await ollama.chat({ model, messages: user(text) })).message.content;
  const again = (await ollama.generate({ model, prompt: text })).response;
  if (again !== said) throw new Error(`generate says ${again}`);
  return said;
};

const stream = async (text, model = "auto") => {
  let said = "", last;
  for await (last of await client.chat({ model, messages: user(text), stream: true }))
    said += last.message.content;
  if (!last.done) throw new Error("it has no end");
  return { text: said, tokens: last.prompt_eval_count + last.eval_count };
};

const tools = async (text, model = "auto", isStream = false) => {
  const messages = user(text);
  const reply = await client.chat({ model, messages, tools: [tool], stream: isStream });
  let message = reply.message;
  if (isStream)
    for await (const part of reply) if (part.message.tool_calls) message = part.message;
  const call = message.tool_calls[0].function;
  messages.push(message, { role: "tool", content: lookup(call.arguments), tool_name: call.name });
  return (await client.chat({ model, messages, tools: [tool] })).message.content;
};

const schema = async (text) => JSON.parse((await client.chat({ model: "auto",
  messages: user(text), format: { type: "object", properties: { city: { type: "string" },
    count: { type: "integer" } }, required: ["city", "count"] } })).message.content);

await main({
  models: async () => {
    if (!(await client.show({ model: "auto" })).capabilities.includes("tools"))
      throw new Error("auto has no tools");
    return { list: (await client.list()).models.map((m) => m.name) };
  },
  chat, stream, tools, stream_tools: (t) => tools(t, "auto", true), schema,
  embed: async (t) => (await client.embed({ model: "vectors", input: [t] })).embeddings[0],
  long: chat, text: chat, masked: (t) => chat(t, "cloud"),
  masked_stream: (t) => stream(t, "cloud"), masked_tools: (t) => tools("USE A TOOL " + t, "cloud", true),
  unknown: (t) => chat(t, "nope"), held: (t) => chat(t, "cloud"),
  key: (t) => chat(t, "auto", using(WRONG_KEY)), broken: (t) => stream(t, "broken"),
  context: (t) => chat(t, "small"),
});
