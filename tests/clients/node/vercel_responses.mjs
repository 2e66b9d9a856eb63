// Vercel's AI SDK with @ai-sdk/openai as it is by default: it asks for Responses.
import { createOpenAI } from "@ai-sdk/openai";
import { KEY, URL } from "./kit.mjs";
import { run } from "./vercel.mjs";

const provider = (apiKey = KEY) => createOpenAI({ baseURL: URL, apiKey });
await run({ model: (name, key) => provider(key)(name),
  embedding: (name) => provider().textEmbeddingModel(name) });
