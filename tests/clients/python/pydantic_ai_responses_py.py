"""Pydantic AI with the model that it takes by default: it asks for Responses."""
from kit import KEY, URL, WRONG_KEY, lookup, main
from pydantic import BaseModel
from pydantic_ai import Agent, NativeOutput
from pydantic_ai.models.openai import OpenAIResponsesModel
from pydantic_ai.providers.openai import OpenAIProvider


class Place(BaseModel):
    city: str
    count: int


def model(name="auto", key=KEY):
    return OpenAIResponsesModel(name, provider=OpenAIProvider(base_url=URL, api_key=key))


def chat(text, name="auto", key=KEY):
    return Agent(model(name, key)).run_sync(text).output


def stream(text, name="auto"):
    result = Agent(model(name)).run_stream_sync(text)
    said = list(result.stream_text(delta=True))
    usage = result.usage() if callable(result.usage) else result.usage
    return {"text": "".join(said), "tokens": usage.total_tokens}


def tools(text, name="auto"):
    """A second question comes with all that was said before."""
    agent = Agent(model(name), tools=[lookup])
    result = agent.run_sync("USE A TOOL " + text)
    again = agent.run_sync(text, message_history=result.all_messages()).output
    return result.output if again == text else again


main({"chat": chat, "stream": stream, "tools": tools,
      "schema": lambda t: Agent(model(), output_type=NativeOutput(Place)).run_sync(t)
      .output.model_dump(),
      "long": chat, "text": chat, "masked": lambda t: chat(t, "cloud"),
      "masked_stream": lambda t: stream(t, "cloud"),
      "unknown": lambda t: chat(t, "nope"), "held": lambda t: chat(t, "cloud"),
      "key": lambda t: chat(t, key=WRONG_KEY), "limited": lambda t: chat(t, "limited"),
      "busy": lambda t: chat(t, "busy"), "broken": lambda t: stream(t, "broken"),
      "context": lambda t: chat(t, "small")})
