"""Anthropic's Python SDK: its streams are put together by the SDK itself."""
import json

from anthropic import Anthropic
from kit import KEY, URL, WRONG_KEY, lookup, main

BASE = URL.removesuffix("/v1")
client = Anthropic(base_url=BASE, api_key=KEY)
TOOL = {"name": "lookup", "description": "Looks a city up",
        "input_schema": {"type": "object", "required": ["city"],
                         "properties": {"city": {"type": "string"}}}}
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"},
                                           "count": {"type": "integer"}}}


def user(text):
    return [{"role": "user", "content": text}]


def text_of(message):
    return "".join(b.text for b in message.content if b.type == "text")


def chat(text, model="auto", using=client):
    return text_of(using.messages.create(model=model, max_tokens=1000, messages=user(text)))


def stream(text, model="auto"):
    said = ""
    with client.messages.stream(model=model, max_tokens=1000, messages=user(text)) as events:
        for piece in events.text_stream:
            said += piece
        whole = events.get_final_message()
    if text_of(whole) != said or whole.stop_reason != "end_turn":
        return f"{whole!r}"
    return {"text": said, "tokens": whole.usage.input_tokens + whole.usage.output_tokens}


def answer_calls(messages, message, model):
    messages.append({"role": "assistant", "content": message.content})
    messages.append({"role": "user", "content": [
        {"type": "tool_result", "tool_use_id": b.id, "content": lookup(**b.input)}
        for b in message.content if b.type == "tool_use"]})
    return text_of(client.messages.create(model=model, max_tokens=1000, messages=messages,
                                          tools=[TOOL]))


def tools(text, model="auto"):
    message = client.messages.create(model=model, max_tokens=1000, messages=user(text),
                                     tools=[TOOL], tool_choice={"type": "any"})
    return answer_calls(user(text), message, model)


def stream_tools(text, model="auto"):
    with client.messages.stream(model=model, max_tokens=1000, messages=user(text),
                                tools=[TOOL], tool_choice={"type": "any"}) as events:
        message = events.get_final_message()
    if message.stop_reason != "tool_use":
        return f"{message!r}"
    return answer_calls(user(text), message, model)


def schema(text):
    return json.loads(text_of(client.messages.create(
        model="auto", max_tokens=1000, messages=user(text),
        output_config={"format": {"type": "json_schema", "schema": SCHEMA}})))


def models(text):
    return {"list": [m.id for m in client.models.list()],
            "one": client.models.retrieve("auto").id}


main({"models": models, "chat": chat, "stream": stream, "tools": tools,
      "stream_tools": stream_tools, "schema": schema, "long": chat, "text": chat,
      "masked": lambda t: chat(t, "cloud"), "masked_stream": lambda t: stream(t, "cloud"),
      "masked_tools": lambda t: stream_tools(t, "cloud"),
      "unknown": lambda t: chat(t, "nope"), "held": lambda t: chat(t, "cloud"),
      "key": lambda t: chat(t, using=Anthropic(base_url=BASE, api_key=WRONG_KEY)),
      "limited": lambda t: chat(t, "limited"), "busy": lambda t: chat(t, "busy"),
      "broken": lambda t: stream(t, "broken"), "context": lambda t: chat(t, "small")})
