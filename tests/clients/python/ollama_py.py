"""The official SDK of Ollama for Python.  It asks once: a 429 or 503 is the caller's."""
import ollama
from kit import KEY, URL, WRONG_KEY, lookup, main
from pydantic import BaseModel

HOST = URL.removesuffix("/v1")


class Place(BaseModel):
    city: str
    count: int


def client(key=KEY):
    return ollama.Client(host=HOST, headers={"Authorization": "Bearer " + key})


def said(text):
    return [{"role": "user", "content": text}]


def models(_):
    listed = [m.model for m in client().list().models]
    shown = client().show("auto")
    assert "tools" in shown.capabilities and shown.modelinfo["general.architecture"]
    assert {m.model for m in client().ps().models} <= set(listed)
    assert client().chat("auto", []).done_reason == "load"
    assert client().generate("auto", keep_alive=0).done_reason == "unload"
    return {"list": listed}


def chat(text, model="auto", key=KEY):
    reply = client(key).chat(model, said(text), options={"num_ctx": 8192}, keep_alive="5m")
    assert client(key).generate(model, text).response == reply.message.content
    return reply.message.content


def stream(text, model="auto"):
    words, counts = "", 0
    for part in client().chat(model, said(text), stream=True):
        words += part.message.content or ""
        counts += (part.prompt_eval_count or 0) + (part.eval_count or 0)
    assert part.done and part.done_reason == "stop"
    return {"text": words, "tokens": counts}


def tools(text, model="auto", is_stream=False):
    messages = said(text)
    reply = client().chat(model, messages, tools=[lookup], stream=is_stream)
    parts = list(reply) if is_stream else [reply]
    message = next(p.message for p in parts if p.message.tool_calls)
    call = message.tool_calls[0].function
    messages += [message, {"role": "tool", "tool_name": call.name,
                           "content": lookup(**call.arguments)}]
    return client().chat(model, messages, tools=[lookup]).message.content


def schema(text):
    reply = client().chat("auto", said(text), format=Place.model_json_schema())
    return Place.model_validate_json(reply.message.content).model_dump()


def embed(text):
    [vector] = client().embed("vectors", [text]).embeddings
    assert list(client().embeddings("vectors", text).embedding) == list(vector)
    return list(vector)


main({"models": models, "chat": chat, "stream": stream, "tools": tools,
      "stream_tools": lambda t: tools(t, is_stream=True), "schema": schema, "embed": embed,
      "long": chat, "text": chat, "masked": lambda t: chat(t, "cloud"),
      "masked_stream": lambda t: stream(t, "cloud"),
      "masked_tools": lambda t: tools("USE A TOOL " + t, "cloud", True),
      "unknown": lambda t: chat(t, "nope"), "held": lambda t: chat(t, "cloud"),
      "key": lambda t: chat(t, key=WRONG_KEY), "broken": lambda t: stream(t, "broken"),
      "context": lambda t: chat(t, "small")})
