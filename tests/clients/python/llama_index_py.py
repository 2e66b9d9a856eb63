"""LlamaIndex's OpenAILike."""
from kit import KEY, URL, WRONG_KEY, lookup, main
from llama_index.core.llms import ChatMessage
from llama_index.core.prompts import PromptTemplate
from llama_index.core.tools import FunctionTool
from llama_index.llms.openai_like import OpenAILike
from pydantic import BaseModel


class Place(BaseModel):
    city: str
    count: int


def llm(model="auto", key=KEY):
    return OpenAILike(api_base=URL, api_key=key, model=model, is_chat_model=True,
                      is_function_calling_model=True, context_window=32768,
                      should_use_structured_outputs=True, max_retries=2)


def chat(text, model="auto", key=KEY):
    return llm(model, key).chat([ChatMessage(role="user", content=text)]).message.content


def stream(text, model="auto"):
    said = [part.delta for part in
            llm(model).stream_chat([ChatMessage(role="user", content=text)])]
    return {"text": "".join(said)}


def tools(text, model="auto"):
    reply = llm(model).predict_and_call([FunctionTool.from_defaults(lookup)],
                                        user_msg=text, tool_required=True)
    return "The tool said: " + str(reply.response)


def schema(text):
    return llm().structured_predict(Place, PromptTemplate("{text}"), text=text).model_dump()


main({"chat": chat, "stream": stream, "tools": tools, "schema": schema, "long": chat,
      "text": chat, "masked": lambda t: chat(t, "cloud"),
      "masked_stream": lambda t: stream(t, "cloud"),
      "masked_tools": lambda t: tools(t, "cloud"),
      "unknown": lambda t: chat(t, "nope"), "held": lambda t: chat(t, "cloud"),
      "key": lambda t: chat(t, key=WRONG_KEY), "limited": lambda t: chat(t, "limited"),
      "busy": lambda t: chat(t, "busy"), "broken": lambda t: stream(t, "broken"),
      "context": lambda t: chat(t, "small")})
