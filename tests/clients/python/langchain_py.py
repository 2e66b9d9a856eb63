"""LangChain's ChatOpenAI and OpenAIEmbeddings."""
from kit import KEY, URL, WRONG_KEY, lookup, main
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from pydantic import BaseModel


class Place(BaseModel):
    city: str
    count: int


def llm(model="auto", key=KEY, **more):
    return ChatOpenAI(base_url=URL, api_key=key, model=model, **more)


def chat(text, model="auto", key=KEY):
    return llm(model, key).invoke(text).content


def stream(text, model="auto"):
    whole = None
    for chunk in llm(model, stream_usage=True).stream(text):
        whole = chunk if whole is None else whole + chunk
    return {"text": whole.content, "tokens": whole.usage_metadata["total_tokens"]}


def tools(text, model="auto", is_stream=False):
    bound = llm(model, streaming=is_stream).bind_tools([tool(lookup)],
                                                       tool_choice="required")
    messages = [HumanMessage(text)]
    reply = bound.invoke(messages)
    call = reply.tool_calls[0]
    messages += [reply, ToolMessage(lookup(**call["args"]), tool_call_id=call["id"])]
    return llm(model).bind_tools([tool(lookup)]).invoke(messages).content


def schema(text):
    return llm().with_structured_output(Place, method="json_schema").invoke(text) \
        .model_dump()


def embed(text):
    return OpenAIEmbeddings(base_url=URL, api_key=KEY, model="vectors",
                            check_embedding_ctx_length=False).embed_documents([text])[0]


main({"chat": chat, "stream": stream, "tools": tools,
      "stream_tools": lambda t: tools(t, is_stream=True), "schema": schema, "embed": embed,
      "long": chat, "text": chat, "masked": lambda t: chat(t, "cloud"),
      "masked_stream": lambda t: stream(t, "cloud"),
      "masked_tools": lambda t: tools(t, "cloud", True),
      "unknown": lambda t: chat(t, "nope"), "held": lambda t: chat(t, "cloud"),
      "key": lambda t: chat(t, key=WRONG_KEY), "limited": lambda t: chat(t, "limited"),
      "busy": lambda t: chat(t, "busy"), "broken": lambda t: stream(t, "broken"),
      "context": lambda t: chat(t, "small")})
