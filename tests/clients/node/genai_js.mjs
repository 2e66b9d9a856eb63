// Google's SDK for JavaScript (@google/genai).
import { GoogleGenAI } from "@google/genai";
import { KEY, URL, WRONG_KEY, lookup, main } from "./kit.mjs";

const using = (apiKey) => new GoogleGenAI({ apiKey,
  httpOptions: { baseUrl: URL.replace(/\/v1$/, "") } });
const client = using(KEY);
const tool = { functionDeclarations: [{ name: "lookup", description: "Looks a city up",
  parametersJsonSchema: { type: "object", required: ["city"],
    properties: { city: { type: "string" } } } }] };

const chat = async (text, model = "auto", ai = client) =>
  (await ai.models.generateContent({ model, contents: text })).text;

const stream = async (text, model = "auto") => {
  let said = "", last;
  for await (last of await client.models.generateContentStream({ model, contents: text }))
    said += last.text ?? "";
  if (last.candidates[0].finishReason !== "STOP") throw new Error("it has no end");
  return { text: said, tokens: last.usageMetadata.totalTokenCount };
};

const tools = async (text, model = "auto", isStream = false) => {
  const talk = client.chats.create({ model, config: { tools: [tool] } });
  const say = async (message) => {
    if (!isStream) return talk.sendMessage({ message });
    let said = "", functionCalls;
    for await (const part of await talk.sendMessageStream({ message })) {
      functionCalls = part.functionCalls ?? functionCalls;
      if (!part.functionCalls) said += part.text ?? "";
    }
    return { text: said, functionCalls };
  };
  const [call] = (await say(text)).functionCalls;
  return (await say([{ functionResponse: { id: call.id, name: call.name,
    response: { output: lookup(call.args) } } }])).text;
};

const schema = async (text) => JSON.parse((await client.models.generateContent({ model: "auto",
  contents: text, config: { responseMimeType: "application/json", responseSchema: {
    type: "OBJECT", properties: { city: { type: "STRING" }, count: { type: "INTEGER" } },
    required: ["city", "count"] } } })).text);

await main({
  models: async () => {
    const list = [];
    for await (const m of await client.models.list()) list.push(m.name.replace("models/", ""));
    await client.models.countTokens({ model: "auto", contents: "one two" });
    return { list };
  },
  chat, stream, tools, stream_tools: (t) => tools(t, "auto", true), schema,
  embed: async (t) => (await client.models.embedContent({ model: "vectors", contents: [t] }))
    .embeddings[0].values,
  long: chat, text: chat, masked: (t) => chat(t, "cloud"),
  masked_stream: (t) => stream(t, "cloud"),
  masked_tools: (t) => tools("USE A TOOL " + t, "cloud", true),
  unknown: (t) => chat(t, "nope"), held: (t) => chat(t, "cloud"),
  key: (t) => chat(t, "auto", using(WRONG_KEY)), broken: (t) => stream(t, "broken"),
  context: (t) => chat(t, "small"),
});
