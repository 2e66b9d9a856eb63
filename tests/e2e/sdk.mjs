// sdk.mjs -- one case of the official OpenAI SDK against weir: node sdk.mjs CASE URL
import assert from "node:assert/strict";
import OpenAI from "openai";

const [, , name, url] = process.argv;
const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: "not-used", maxRetries: 0 });
const ask = (content, more = {}) => ({
  model: "m", messages: [{ role: "user", content }], ...more,
});
const tools = [{
  type: "function",
  function: { name: "weather", parameters: { type: "object", properties: {} } },
}];

async function failure(promise) {
  try {
    await promise;
  } catch (e) {
    return e;
  }
  assert.fail("no error came");
}

const cases = {
  async plain() {
    const { data, response } = await client.chat.completions.create(ask("hi")).withResponse();
    assert.equal(data.choices[0].message.content, "you said hi");
    assert.equal(data.usage.total_tokens, 7);
    assert.equal(response.headers.get("x-weir-side"), "local");
  },

  async stream() {
    const stream = await client.chat.completions.create(
      ask("hi", { stream: true, stream_options: { include_usage: true } }));
    let text = "", finish = null, usage = null;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? "";
      finish = chunk.choices[0]?.finish_reason ?? finish;
      if (chunk.usage) {
        assert.equal(usage, null, "usage came twice");
        assert.equal(finish, "stop", "usage came before the finish");
        usage = chunk.usage;
      }
    }
    assert.equal(text, "you said hi ");
    assert.equal(usage.completion_tokens, 2);
  },

  async stream_without_usage() {
    const stream = await client.chat.completions.create(ask("hi", { stream: true }));
    for await (const chunk of stream) {
      assert.equal(chunk.choices.length, 1);
      assert.equal(chunk.usage ?? null, null);
    }
  },

  async tools() {
    const plain = await client.chat.completions.create(ask("weather?", { tools }));
    assert.equal(plain.choices[0].message.tool_calls[0].function.arguments, '{"city":"Oslo"}');
    const runner = client.chat.completions.stream(ask("weather?", { tools }));
    const whole = await runner.finalChatCompletion();
    assert.equal(whole.choices[0].finish_reason, "tool_calls");
    const call = whole.choices[0].message.tool_calls[0];
    assert.equal(call.id, "call_1");
    assert.deepEqual(JSON.parse(call.function.arguments), { city: "Oslo" });
  },

  async embeddings() {
    const out = await client.embeddings.create(
      { model: "e", input: ["a", "b"], encoding_format: "float" });
    assert.equal(out.data.length, 2);
    assert.deepEqual(out.data[1].embedding, [0.5, -0.25]);
  },

  async models() {
    const ids = [];
    for await (const model of client.models.list()) ids.push(model.id);
    assert.ok(ids.includes("m") && ids.includes("auto"), ids.join());
  },

  async errors() {
    const create = (...words) => failure(client.chat.completions.create(ask(...words)));
    const unknown = await create("hi", { model: "nobody" });
    assert.ok(unknown instanceof OpenAI.NotFoundError, String(unknown));
    assert.equal(unknown.code, "model_not_found");
    assert.ok(await create("error 400") instanceof OpenAI.BadRequestError);
    assert.ok(await create("error 429") instanceof OpenAI.RateLimitError);
    assert.ok(await create("error 500") instanceof OpenAI.InternalServerError);
    const type = await create("hi", { messages: "not a list" });
    assert.ok(type instanceof OpenAI.BadRequestError);
    assert.equal(type.type, "invalid_request_error");
    const streamed = await create("error 500", { stream: true });
    assert.ok(streamed instanceof OpenAI.InternalServerError);
  },

  async abort() {
    const stream = await client.chat.completions.create(ask("forever", { stream: true }));
    let n = 0;
    for await (const _ of stream) if (++n === 5) stream.controller.abort();
    // What the SDK had already read when it was aborted it still hands out.
    assert.ok(n >= 5 && n < 10_000, `${n} events`);
  },
};

await cases[name]();
