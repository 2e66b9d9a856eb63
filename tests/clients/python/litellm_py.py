"""The LiteLLM SDK, which many programs are built on."""
import json

import litellm
from kit import KEY, PERSON_TOOL, URL, WRONG_KEY, lookup, main
from pydantic import BaseModel

litellm.suppress_debug_info = True


class Place(BaseModel):
    city: str
    count: int


def ask(messages, model="auto", key=KEY, **more):
    return litellm.completion(model=f"openai/{model}", api_base=URL, api_key=key,
                              messages=messages, num_retries=2, **more)


def user(text):
    return [{"role": "user", "content": text}]


def chat(text, model="auto", key=KEY):
    return ask(user(text), model, key).choices[0].message.content


def stream(text, model="auto"):
    said, usage = "", None
    for event in ask(user(text), model, stream=True,
                     stream_options={"include_usage": True}):
        usage = getattr(event, "usage", None) or usage
        said += event.choices[0].delta.content or "" if event.choices else ""
    return {"text": said, "tokens": usage.total_tokens}


def tools(text, model="auto", **more):
    messages = user(text)
    reply = ask(messages, model, tools=[PERSON_TOOL], tool_choice="required", **more)
    if more.get("stream"):
        reply = litellm.stream_chunk_builder(list(reply), messages=messages)
    message = reply.choices[0].message
    messages.append(message.model_dump(exclude_none=True))
    for call in message.tool_calls:
        messages.append({"role": "tool", "tool_call_id": call.id,
                         "content": lookup(**json.loads(call.function.arguments))})
    return ask(messages, model, tools=[PERSON_TOOL]).choices[0].message.content


def schema(text):
    return json.loads(ask(user(text), response_format=Place).choices[0].message.content)


def embed(text):
    return litellm.embedding(model="openai/vectors", api_base=URL, api_key=KEY,
                             input=[text]).data[0]["embedding"]


def models(text):
    return {"list": [m.removeprefix("openai/") for m in litellm.get_valid_models(
        custom_llm_provider="openai", check_provider_endpoint=True, api_base=URL,
        api_key=KEY)], "one": "auto"}


main({"models": models, "chat": chat, "stream": stream, "tools": tools,
      "stream_tools": lambda t: tools(t, stream=True), "schema": schema, "embed": embed,
      "long": chat, "text": chat, "masked": lambda t: chat(t, "cloud"),
      "masked_stream": lambda t: stream(t, "cloud"),
      "masked_tools": lambda t: tools(t, "cloud", stream=True),
      "unknown": lambda t: chat(t, "nope"), "held": lambda t: chat(t, "cloud"),
      "key": lambda t: chat(t, key=WRONG_KEY), "limited": lambda t: chat(t, "limited"),
      "busy": lambda t: chat(t, "busy"), "broken": lambda t: stream(t, "broken"),
      "context": lambda t: chat(t, "small")})
