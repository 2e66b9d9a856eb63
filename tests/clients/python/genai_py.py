"""Google's SDK for Python (google-genai).  It asks once, unless it is told to ask again."""
from google import genai
from google.genai import types
from kit import KEY, URL, WRONG_KEY, lookup, main
from pydantic import BaseModel

HOST = URL.removesuffix("/v1")


class Place(BaseModel):
    city: str
    count: int


def using(key):
    return genai.Client(api_key=key, http_options={"base_url": HOST})


client = using(KEY)


def models(_):
    assert client.models.get(model="auto").input_token_limit > 0
    assert client.models.count_tokens(model="auto", contents="one two").total_tokens > 0
    return {"list": [m.name.removeprefix("models/") for m in client.models.list()]}


def chat(text, model="auto", asked=client):
    return asked.models.generate_content(model=model, contents=text).text


def stream(text, model="auto"):
    words, last = "", None
    for last in client.models.generate_content_stream(model=model, contents=text):
        words += last.text or ""
    assert last.candidates[0].finish_reason == types.FinishReason.STOP
    return {"text": words, "tokens": last.usage_metadata.total_token_count}


def tools(text, model="auto", is_stream=False):
    """It calls the function itself, and sends what that gave."""
    config = types.GenerateContentConfig(tools=[lookup])
    talk = client.chats.create(model=model, config=config)
    if is_stream:
        return "".join(part.text or "" for part in talk.send_message_stream(text))
    return talk.send_message(text).text


def schema(text):
    config = types.GenerateContentConfig(response_mime_type="application/json",
                                         response_schema=Place)
    reply = client.models.generate_content(model="auto", contents=text, config=config)
    return reply.parsed.model_dump()


def embed(text):
    reply = client.models.embed_content(model="vectors", contents=[text])
    return list(reply.embeddings[0].values)


def with_tool(text):
    return "USE A TOOL " + text


main({"models": models, "chat": chat, "stream": stream, "tools": tools,
      "stream_tools": lambda t: tools(t, is_stream=True), "schema": schema, "embed": embed,
      "long": chat, "text": chat, "masked": lambda t: chat(t, "cloud"),
      "masked_stream": lambda t: stream(t, "cloud"),
      "masked_tools": lambda t: tools(with_tool(t), "cloud", True),
      "unknown": lambda t: chat(t, "nope"), "held": lambda t: chat(t, "cloud"),
      "key": lambda t: chat(t, asked=using(WRONG_KEY)), "broken": lambda t: stream(t, "broken"),
      "context": lambda t: chat(t, "small")})
