"""The official Python SDK: Responses, plain, parsed and through its stream helper."""
import json

from kit import KEY, PERSON_TOOL, URL, WRONG_KEY, lookup, main
from openai import OpenAI
from pydantic import BaseModel

client = OpenAI(base_url=URL, api_key=KEY)
TOOLS = [{"type": "function", "strict": True, **PERSON_TOOL["function"]}]


class Place(BaseModel):
    city: str
    count: int


class Failed(Exception):
    pass


def chat(text, model="auto", using=client):
    return using.responses.create(model=model, input=text).output_text


def streamed(**body):
    said = ""
    with client.responses.stream(**body) as events:
        for event in events:
            if event.type == "response.output_text.delta":
                said += event.delta
            elif event.type == "response.failed":
                raise Failed(event.response.error.message)
        response = events.get_final_response()
    if response.output_text != said:
        raise Failed("the pieces are not the whole")
    return response


def stream(text, model="auto"):
    response = streamed(model=model, input=text)
    return {"text": response.output_text, "tokens": response.usage.total_tokens}


def tools(text, model="auto", is_stream=False):
    messages = [{"role": "user", "content": text}]
    ask = streamed if is_stream else client.responses.create
    response = ask(model=model, input=messages, tools=TOOLS, tool_choice="required")
    for item in response.output:
        messages.append(item.model_dump(exclude_none=True))
        if item.type == "function_call":
            messages.append({"type": "function_call_output", "call_id": item.call_id,
                             "output": lookup(**json.loads(item.arguments))})
    return client.responses.create(model=model, input=messages, tools=TOOLS).output_text


def schema(text):
    return client.responses.parse(model="auto", input=text, text_format=Place) \
        .output_parsed.model_dump()


main({"chat": chat, "stream": stream, "tools": tools,
      "stream_tools": lambda t: tools(t, is_stream=True), "schema": schema, "long": chat,
      "text": chat, "masked": lambda t: chat(t, "cloud"),
      "masked_stream": lambda t: stream(t, "cloud"),
      "masked_tools": lambda t: tools(t, "cloud", True),
      "unknown": lambda t: chat(t, "nope"), "held": lambda t: chat(t, "cloud"),
      "key": lambda t: chat(t, using=OpenAI(base_url=URL, api_key=WRONG_KEY)),
      "limited": lambda t: chat(t, "limited"), "busy": lambda t: chat(t, "busy"),
      "broken": lambda t: stream(t, "broken"), "context": lambda t: chat(t, "small")})
