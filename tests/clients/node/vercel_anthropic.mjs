// Vercel's AI SDK with @ai-sdk/anthropic.
import { createAnthropic } from "@ai-sdk/anthropic";
import { KEY, URL } from "./kit.mjs";
import { run } from "./vercel.mjs";

const provider = (apiKey = KEY) => createAnthropic({ baseURL: URL, apiKey });
await run({ model: (name, key) => provider(key)(name) });
