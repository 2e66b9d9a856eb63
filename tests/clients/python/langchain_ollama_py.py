"""LangChain's ChatOllama and OllamaEmbeddings."""
from kit import KEY, URL, WRONG_KEY, lookup, main
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_ollama import ChatOllama, OllamaEmbeddings
from pydantic import BaseModel

HOST = URL.removesuffix("/v1")


class Place(BaseModel):
    city: str
    count: int


def headers(key=KEY):
    return {"headers": {"Authorization": "Bearer " + key}}


def llm(model="auto", key=KEY, **more):
    return ChatOllama(base_url=HOST, client_kwargs=headers(key), model=model, **more)


def chat(text, model="auto", key=KEY):
    return llm(model, key, num_ctx=8192).invoke(text).content


def stream(text, model="auto"):
    whole = None
    for chunk in llm(model).stream(text):
        whole = chunk if whole is None else whole + chunk
    return {"text": whole.content, "tokens": whole.usage_metadata["total_tokens"]}


def tools(text, model="auto"):
    bound = llm(model).bind_tools([tool(lookup)])
    messages = [HumanMessage(text)]
    reply = bound.invoke(messages)
    call = reply.tool_calls[0]
    messages += [reply, ToolMessage(lookup(**call["args"]), tool_call_id=call["id"])]
    return bound.invoke(messages).content


def schema(text):
    return llm().with_structured_output(Place, method="json_schema").invoke(text) \
        .model_dump()


def embed(text):
    return OllamaEmbeddings(base_url=HOST, client_kwargs=headers(), model="vectors") \
        .embed_documents([text])[0]


main({"chat": chat, "stream": stream, "tools": tools, "schema": schema, "embed": embed,
      "long": chat, "text": chat, "masked": lambda t: chat(t, "cloud"),
      "masked_stream": lambda t: stream(t, "cloud"),
      "masked_tools": lambda t: tools("USE A TOOL " + t, "cloud"), "unknown": lambda t: chat(t, "nope"),
      "held": lambda t: chat(t, "cloud"), "key": lambda t: chat(t, key=WRONG_KEY),
      "broken": lambda t: stream(t, "broken"), "context": lambda t: chat(t, "small")})
