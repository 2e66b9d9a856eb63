"""The official Python SDK."""
import json

from kit import KEY, PERSON_TOOL, URL, WRONG_KEY, lookup, main
from openai import OpenAI
from pydantic import BaseModel

client = OpenAI(base_url=URL, api_key=KEY)


class Place(BaseModel):
    city: str
    count: int


def user(text):
    return [{"role": "user", "content": text}]


def chat(text, model="auto", using=client):
    return using.chat.completions.create(model=model, messages=user(text)) \
        .choices[0].message.content


def stream(text, model="auto"):
    said, usage = "", None
    for event in client.chat.completions.create(
            model=model, messages=user(text), stream=True,
            stream_options={"include_usage": True}):
        usage = event.usage or usage
        for choice in event.choices:
            said += choice.delta.content or ""
    return {"text": said, "tokens": usage.total_tokens}


def answer_call(messages, calls, model):
    for call in calls:
        messages.append({"role": "tool", "tool_call_id": call["id"],
                         "content": lookup(**json.loads(call["arguments"]))})
    return client.chat.completions.create(model=model, messages=messages,
                                          tools=[PERSON_TOOL]).choices[0].message.content


def tools(text, model="auto", choice="required"):
    messages = user(text)
    message = client.chat.completions.create(
        model=model, messages=messages, tools=[PERSON_TOOL],
        tool_choice=choice).choices[0].message
    messages.append(message.model_dump(exclude_none=True))
    return answer_call(messages, [{"id": c.id, "arguments": c.function.arguments}
                                  for c in message.tool_calls], model)


def stream_tools(text, model="auto"):
    messages, call = user(text), {"id": "", "arguments": ""}
    for event in client.chat.completions.create(model=model, messages=messages, stream=True,
                                                tools=[PERSON_TOOL], tool_choice="required"):
        for part in event.choices[0].delta.tool_calls or [] if event.choices else []:
            call["id"] = part.id or call["id"]
            call["arguments"] += part.function.arguments or ""
    messages.append({"role": "assistant", "content": None, "tool_calls": [
        {"id": call["id"], "type": "function",
         "function": {"name": "lookup", "arguments": call["arguments"]}}]})
    return answer_call(messages, [call], model)


def schema(text):
    return client.chat.completions.parse(model="auto", messages=user(text),
                                         response_format=Place).choices[0].message \
        .parsed.model_dump()


def models(text):
    return {"list": [m.id for m in client.models.list()],
            "one": client.models.retrieve("auto").id}


def embed(text):
    return client.embeddings.create(model="vectors", input=[text]).data[0].embedding


main({"models": models, "chat": chat, "stream": stream, "tools": tools,
      "stream_tools": stream_tools, "schema": schema, "embed": embed, "long": chat,
      "text": chat, "masked": lambda t: chat(t, "cloud"),
      "masked_stream": lambda t: stream(t, "cloud"),
      "masked_tools": lambda t: stream_tools(t, "cloud"),
      "unknown": lambda t: chat(t, "nope"), "held": lambda t: chat(t, "cloud"),
      "key": lambda t: chat(t, using=OpenAI(base_url=URL, api_key=WRONG_KEY)),
      "limited": lambda t: chat(t, "limited"), "busy": lambda t: chat(t, "busy"),
      "broken": lambda t: stream(t, "broken"), "context": lambda t: chat(t, "small")})
