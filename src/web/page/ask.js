// ask.js -- one chat completion of one model, streamed by POST /weir/api/ask. Nothing of it is kept.
import {parse} from "./api.js";

// heard.head({id, label, masked}), heard.text(piece), heard.thought(piece) as they come. Returns
// {usage, cut} at its end; throws {code, message, status} when there is no answer, or no whole one.
export async function ask({engine, model, prompt, most, signal}, heard) {
  const body = {model: `${engine}/${model}`, stream: true, stream_options: {include_usage: true},
    messages: [{role: "user", content: prompt}], ...(most ? {max_tokens: most} : {})};
  const answer = await fetch("/weir/api/ask", {method: "POST", credentials: "same-origin", cache: "no-store", signal,
    headers: {"content-type": "application/json"}, body: JSON.stringify(body)});
  const field = name => answer.headers.get("x-weir-" + name);
  heard.head({id: field("request-id"), label: field("label"), masked: field("masked")});
  if (!answer.ok) throw fault(await answer.text(), answer.status);
  return listen(answer.body, heard);
}

function fault(text, status) {
  let error = {};
  try {
    error = parse(text).error || {};
  } catch { /* it is said below */ }
  return {status, code: error.code || "", message: error.message || `weir answered with status ${status} and no reason`};
}

async function listen(stream, heard) {
  const reader = stream.getReader(), letters = new TextDecoder();
  const seen = {usage: null, cut: false, isWhole: false};
  let rest = "";
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    const lines = (rest + letters.decode(piece.value, {stream: true})).split("\n");
    rest = lines.pop();
    for (const line of lines) take(line, heard, seen);
  }
  if (!seen.isWhole) throw {status: 0, code: "cut", message: "The answer ended before its end."};
  return seen;
}

function take(line, heard, seen) {
  if (!line.startsWith("data:")) return;
  const data = line.slice(5).trim();
  if (data === "[DONE]") {
    seen.isWhole = true;
    return;
  }
  const event = parse(data);
  if (event.error) throw {status: 200, code: event.error.code || "", message: event.error.message || "The engine failed."};
  if (event.usage) seen.usage = event.usage;
  for (const {delta, finish_reason: reason} of event.choices || []) {
    if (reason === "length") seen.cut = true;
    const thought = delta && (delta.reasoning_content || delta.reasoning);
    if (thought) heard.thought(thought);
    if (delta && (delta.content || delta.refusal)) heard.text(delta.content || delta.refusal);
  }
}
