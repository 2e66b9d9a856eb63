// Vercel's AI SDK with @ai-sdk/openai-compatible.
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { KEY, URL } from "./kit.mjs";
import { run } from "./vercel.mjs";

const provider = (apiKey = KEY) => createOpenAICompatible({ name: "weir", baseURL: URL, apiKey,
  includeUsage: true, supportsStructuredOutputs: true });
await run({ model: (name, key) => provider(key)(name),
  embedding: (name) => provider().textEmbeddingModel(name) });
