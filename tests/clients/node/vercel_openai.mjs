// Vercel's AI SDK with @ai-sdk/openai, set to chat completions.
import { createOpenAI } from "@ai-sdk/openai";
import { KEY, URL } from "./kit.mjs";
import { run } from "./vercel.mjs";

const provider = (apiKey = KEY) => createOpenAI({ baseURL: URL, apiKey });
await run({ model: (name, key) => provider(key).chat(name),
  embedding: (name) => provider().textEmbeddingModel(name) });
