// node_reading.mjs -- reads bodies as engines in JavaScript do (LM Studio): JSON.parse of
// the bytes as UTF-8, and types as they are.  The protocol is in README.md.
import { createInterface } from "node:readline";

function textsOf(value, out) {
  if (typeof value === "string" || typeof value === "number") {
    out.push(String(value));
  } else if (value && typeof value === "object") {
    for (const [name, inner] of Object.entries(value)) {
      if (!Array.isArray(value)) out.push(name);
      textsOf(inner, out);
    }
  }
  return out;
}

function want(good, what) {
  if (!good) throw new TypeError(`not ${what}`);
}

function contentOf(content) {
  if (content === null || content === undefined) return [];
  if (typeof content === "string") return [content];
  want(Array.isArray(content), "text or parts");
  return content.filter((p) => p.type === "text").map((p) => {
    want(typeof (p.text ?? "") === "string", "a text");
    return p.text ?? "";
  });
}

function integer(value) {
  if (value === null || value === undefined) return null;
  want(Number.isInteger(value), "an integer");
  return value;
}

function flag(value) {
  want(value === null || value === undefined || typeof value === "boolean", "a boolean");
  return value === true;
}

function read(surface, bytes) {
  const body = JSON.parse(new TextDecoder().decode(bytes));
  want(typeof body.model === "string", "a model");
  const limits = [body.max_tokens, body.max_completion_tokens].map(integer)
    .filter((n) => n !== null);
  const given = surface === "completions" ? body.prompt : body.input;
  return {
    model: body.model, stream: flag(body.stream), n: integer(body.n),
    usage: flag(body.stream_options?.include_usage),
    max: limits.length ? Math.max(...limits) : null,
    messages: surface === "chat"
      ? body.messages.map((m) => [m.role, contentOf(m.content)]) : null,
    input: surface === "chat" ? null : Array.isArray(given) ? given : [given],
    tools: (body.tools ?? []).length > 0, texts: textsOf(body, []),
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  const [surface, text] = line.split(" ");
  let reading;
  try {
    reading = read(surface, Buffer.from(text, "base64"));
  } catch (why) {
    reading = { error: String(why) };
  }
  console.log(JSON.stringify(reading));
}
