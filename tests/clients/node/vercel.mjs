// The cells of Vercel's AI SDK, over any of its providers.
import { embed, generateObject, generateText, stepCountIs, streamObject, streamText, tool } from "ai";
import { z } from "zod";
import { WRONG_KEY, lookup, main } from "./kit.mjs";

const Place = z.object({ city: z.string(), count: z.number() });
const tools = { lookup: tool({ description: "Looks a city up",
  inputSchema: z.object({ city: z.string() }), execute: async (input) => lookup(input) }) };

// model(name, key) and embedding(name) give what the SDK calls a model; the latter may be missing.
export const run = ({ model, embedding }) => {
  const chat = async (prompt, name = "auto", key) =>
    (await generateText({ model: model(name, key), prompt })).text;
  const stream = async (prompt, name = "auto") => {
    let failed;
    const result = streamText({ model: model(name), prompt,
      onError: ({ error }) => { failed = error; } });
    let text = "";
    for await (const part of result.textStream) text += part;
    if (failed) throw failed;
    return { text, tokens: (await result.totalUsage).totalTokens };
  };
  const calls = async (prompt, name = "auto") => (await generateText({ model: model(name),
    prompt: "USE A TOOL " + prompt, tools, stopWhen: stepCountIs(3) })).text;
  const streamCalls = async (prompt, name = "auto") => {
    const result = streamText({ model: model(name), prompt: "USE A TOOL " + prompt, tools,
      stopWhen: stepCountIs(3) });
    let text = "";
    for await (const part of result.textStream) text += part;
    return text;
  };
  const schema = async (prompt) => {
    const { partialObjectStream, object } =
      streamObject({ model: model("auto"), schema: Place, prompt });
    for await (const part of partialObjectStream) void part;
    const streamed = await object;
    const plain = (await generateObject({ model: model("auto"), schema: Place, prompt })).object;
    if (JSON.stringify(streamed) !== JSON.stringify(plain)) throw new Error("they differ");
    return plain;
  };
  return main({
    chat, stream, tools: calls, stream_tools: streamCalls, schema,
    embed: embedding && (async (value) =>
      (await embed({ model: embedding("vectors"), value })).embedding),
    long: chat, text: chat, masked: (t) => chat(t, "cloud"),
    masked_stream: (t) => stream(t, "cloud"), masked_tools: (t) => streamCalls(t, "cloud"),
    unknown: (t) => chat(t, "nope"), held: (t) => chat(t, "cloud"),
    key: (t) => chat(t, "auto", WRONG_KEY), limited: (t) => chat(t, "limited"),
    busy: (t) => chat(t, "busy"), broken: (t) => stream(t, "broken"),
    context: (t) => chat(t, "small"),
  });
};
