// The official SDK for JavaScript: Responses, plain, parsed and through its stream helper.
import OpenAI from "openai";
import { zodTextFormat } from "openai/helpers/zod";
import { z } from "zod";
import { KEY, URL, WRONG_KEY, lookup, main } from "./kit.mjs";

const client = new OpenAI({ baseURL: URL, apiKey: KEY });
const Place = z.object({ city: z.string(), count: z.number() });
const tools = [{ type: "function", name: "lookup", description: "Looks a city up", strict: true,
  parameters: { type: "object", required: ["city"], additionalProperties: false,
    properties: { city: { type: "string" } } } }];

const chat = async (input, model = "auto", using = client) =>
  (await using.responses.create({ model, input })).output_text;

const streamed = async (body) => {
  const stream = client.responses.stream(body);
  let text = "";
  for await (const event of stream)
    if (event.type === "response.output_text.delta") text += event.delta;
    else if (event.type === "response.failed") throw new Error(event.response.error.message);
  const response = await stream.finalResponse();
  if (response.output_text !== text) throw new Error("the pieces are not the whole");
  return response;
};

const stream = async (input, model = "auto") => {
  const response = await streamed({ model, input });
  return { text: response.output_text, tokens: response.usage.total_tokens };
};

// The whole answer goes back, as the SDK has parsed it.
const calls = async (text, model = "auto", isStream = false) => {
  const input = [{ role: "user", content: text }];
  const body = { model, input, tools, tool_choice: "required" };
  const response = isStream ? await streamed(body) : await client.responses.create(body);
  input.push(...response.output);
  for (const item of response.output.filter((i) => i.type === "function_call"))
    input.push({ type: "function_call_output", call_id: item.call_id,
      output: lookup(JSON.parse(item.arguments)) });
  return (await client.responses.create({ model, input, tools })).output_text;
};

const schema = async (input) => (await client.responses.parse({ model: "auto", input,
  text: { format: zodTextFormat(Place, "place") } })).output_parsed;

await main({
  chat, stream, tools: calls, stream_tools: (t) => calls(t, "auto", true), schema,
  long: chat, text: chat, masked: (t) => chat(t, "cloud"),
  masked_stream: (t) => stream(t, "cloud"), masked_tools: (t) => calls(t, "cloud", true),
  unknown: (t) => chat(t, "nope"), held: (t) => chat(t, "cloud"),
  key: (t) => chat(t, "auto", new OpenAI({ baseURL: URL, apiKey: WRONG_KEY })),
  limited: (t) => chat(t, "limited"), busy: (t) => chat(t, "busy"),
  broken: (t) => stream(t, "broken"), context: (t) => chat(t, "small"),
});
