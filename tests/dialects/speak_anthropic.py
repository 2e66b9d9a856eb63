"""speak_anthropic.py -- Anthropic's Messages, both sides, from the types of its SDK
(resources/messages)."""
import json

import normal as nf
import sse
from normal import Cannot, Wrong, same, take, want
from speak_openai import plain_name

NAME = "anthropic"
SPEAKS = "anthropic"
FINISH = {"stop": "end_turn", "length": "max_tokens", "tool": "tool_use", "filter": "refusal",
          "refusal": "refusal", "sequence": "stop_sequence"}
HAS = {"call ids", "signatures", "later system", "cached", "written", "reasoning", "sequence"}
MARK = {"type": "ephemeral"}


# ---- a client's request
def part_out(part):
    kind = part["t"]
    mark = {"cache_control": MARK} if part.get("cache") else {}
    if kind == "text":
        return {"type": "text", "text": part["text"], **mark}
    if kind == "image":
        source = {"type": "url", "url": part["url"]} if "url" in part else {
            "type": "base64", "media_type": part["mime"], "data": part["data"]}
        return {"type": "image", "source": source, **mark}
    if kind == "file":
        return {"type": "document", "title": part["name"], "source": {
            "type": "base64", "media_type": part["mime"], "data": part["data"]}}
    if kind == "thought":
        return {"type": "thinking", "thinking": part["text"], "signature": part["sig"] or ""}
    if kind == "redacted":
        return {"type": "redacted_thinking", "data": part["data"]}
    if kind == "call":
        return {"type": "tool_use", "id": part["id"], "name": part["name"],
                "input": nf.parsed(part["args"], "call")}
    if kind == "result":
        one = {"type": "tool_result", "tool_use_id": part["id"]}
        if part["parts"]:
            only = part["parts"][0]
            one["content"] = (only["text"] if len(part["parts"]) == 1 and only["t"] == "text"
                              else [part_out(p) for p in part["parts"]])
        return {**one, "is_error": True} if part["error"] else one
    raise Cannot(kind)


def messages_out(messages):
    made = []
    for message in messages:
        parts = message["parts"]
        plain = len(parts) == 1 and parts[0]["t"] == "text" and not parts[0].get("cache")
        made.append({"role": message["role"],
                     "content": parts[0]["text"] if plain else [part_out(p) for p in parts]})
    return made


def request(q, model, stream):
    body = {"model": model, "max_tokens": q.get("max_tokens", 4096),
            "messages": messages_out(q["messages"])}
    if len(q["system"]) == 1:
        body["system"] = q["system"][0]
    elif q["system"]:
        body["system"] = [{"type": "text", "text": s} for s in q["system"]]
    if q.get("tools"):
        if any(t["schema"] is None for t in q["tools"]):
            raise Cannot("no schema")
        body["tools"] = [{"name": t["name"], "description": t["description"],
                          "input_schema": t["schema"],
                          **({"strict": t["strict"]} if "strict" in t else {}),
                          **({"cache_control": MARK} if t.get("cache") else {})}
                         for t in q["tools"]]
    for name, member in {"temperature": "temperature", "top_p": "top_p", "top_k": "top_k",
                         "stop": "stop_sequences", "tier": "service_tier"}.items():
        if name in q:
            body[member] = q[name]
    if "choice" in q:
        named = not isinstance(q["choice"], str)
        body["tool_choice"] = {"type": "tool", "name": q["choice"]["name"]} if named else {
            "type": {"required": "any"}.get(q["choice"], q["choice"])}
    if "parallel" in q:
        body.setdefault("tool_choice", {"type": "auto"})["disable_parallel_tool_use"] = (
            not q["parallel"])
    if "user" in q:
        body["metadata"] = {"user_id": q["user"]}
    if "effort" in q:
        body["output_config"] = {"effort": q["effort"]}
    # Without it there are no thoughts in the answer.
    body["thinking"] = {"type": "adaptive"}
    if "budget" in q:
        body["thinking"] = ({"type": "enabled", "budget_tokens": q["budget"]} if q["budget"]
                            else {"type": "disabled"})
    elif q.get("effort") != "none":
        body["thinking"] = {"type": "adaptive"}  # no thoughts are shown to who asks for none
    if q.get("schema") == "json" or set(q) & {"n", "logprobs", "seed", "metadata"}:
        raise Cannot("no such member")
    if "schema" in q:
        body.setdefault("output_config", {})["format"] = {"type": "json_schema",
                                                          "schema": q["schema"]}
    if stream:
        body["stream"] = True
    return "/v1/messages", body


def append(body, native, messages):
    body["messages"] = body["messages"] + [{"role": "assistant", "content": native}] + messages_out(
        messages)


# ---- an engine reads it
def part_in(part, where, role):
    kind = part.get("type")
    marked = {"cache": True} if part.get("cache_control") else {}
    want(part.get("cache_control", 0) is not None, f"{where}: cache_control is null")
    if kind == "text":
        take(part, where, ("cache_control",), ("type", "text"))
        want(part["text"], f"{where}: a text block must not be empty")
        return nf.text(part["text"], **marked)
    if kind == "image":
        source = part["source"]
        if source["type"] == "url":
            return nf.image_at(take(source, where, (), ("type", "url"))["url"])
        take(source, where, (), ("type", "media_type", "data"))
        want(source["media_type"] in ("image/png", "image/jpeg", "image/gif", "image/webp"),
             f"{where}: media_type {source['media_type']}")
        return {**nf.image(source["data"], source["media_type"]), **marked}
    if kind == "document":
        take(part, where, ("title", "context", "citations", "cache_control"), ("type", "source"))
        source = part["source"]
        if source["type"] == "text":
            same(source["media_type"], "text/plain", f"{where}.media_type")
            return {"t": "document", "text": source["data"]}
        take(source, where, (), ("type", "media_type", "data"))
        same(source["media_type"], "application/pdf", f"{where}.media_type")
        return nf.file(source["data"], source["media_type"], part.get("title"))
    want(role == "assistant" or kind == "tool_result", f"{where}: {kind} of a {role}")
    if kind == "thinking":
        take(part, where, (), ("type", "thinking", "signature"))
        want(part["signature"], f"{where}: thinking without a signature is refused (400)")
        return nf.thought(part["thinking"], part["signature"])
    if kind == "redacted_thinking":
        return nf.redacted(take(part, where, (), ("type", "data"))["data"])
    if kind == "tool_use":
        take(part, where, ("cache_control",), ("type", "id", "name", "input"))
        want(isinstance(part["input"], dict), f"{where}: input is no object")
        want(part["id"] and part["id"].replace("-", "_").replace("_", "a").isalnum()
             and part["id"].isascii(), f"{where}: id {part['id']!r} breaks ^[a-zA-Z0-9_-]+$")
        return nf.call(part["id"], part["name"], part["input"])
    if kind == "tool_result":
        take(part, where, ("is_error", "content", "cache_control"), ("type", "tool_use_id"))
        inner = part.get("content") or []
        inner = ([nf.text(inner)] if isinstance(inner, str) else
                 [part_in(p, f"{where}.content", "user") for p in inner])
        return {**nf.result(part["tool_use_id"], None, *inner, error=part.get("is_error", False)),
                **marked}
    raise Wrong(f"{where}: a block of type {kind!r}")


TOP = ("model", "messages", "max_tokens", "system", "tools", "tool_choice", "thinking",
       "output_config", "metadata", "temperature", "top_p", "top_k", "stop_sequences", "stream",
       "service_tier", "cache_control")


def read_request(body, path):
    want(path == "/v1/messages", f"asked at {path}")
    take(body, "the request", TOP, ("model", "messages", "max_tokens"))
    want(body["max_tokens"] >= 1, f"max_tokens {body['max_tokens']}")
    system = body.get("system") or []
    system = [system] if isinstance(system, str) else [b["text"] for b in system]
    q = {"system": system, "messages": [], "model": body["model"],
         "stream": bool(body.get("stream")), "max_tokens": body["max_tokens"]}
    pending = {}
    for i, message in enumerate(body["messages"]):
        where, role = f"messages[{i}]", message["role"]
        take(message, where, (), ("role", "content"))
        want(role in ("user", "assistant", "system"), f"{where}: role {role!r}")
        want(i or role == "user", f"{where}: the first message is the user's")
        content = message["content"]
        want(content, f"{where}: content must not be empty")
        parts = [nf.text(content)] if isinstance(content, str) else [
            part_in(p, f"{where}.content[{j}]", role) for j, p in enumerate(content)]
        results = [p for p in parts if p["t"] == "result"]
        if pending and role != "system":
            same(sorted(p["id"] for p in results), sorted(pending),
                 f"{where}: the results of the calls before")
            want(parts[:len(results)] == results, f"{where}: results stand before all else")
            for p in results:
                p["name"] = pending[p["id"]]
            pending = {}
        else:
            want(not results, f"{where}: a result without its call in the message before")
        for p in parts:
            if p["t"] == "call":
                want(p["id"] not in pending, f"{where}: the id {p['id']} twice")
                pending[p["id"]] = p["name"]
        q["messages"].append(nf.say(role, *parts))
    want(body["messages"][-1]["role"] != "assistant" or q.get("prefill"), "the last is assistant's")
    for name, member in {"temperature": "temperature", "top_p": "top_p", "top_k": "top_k",
                         "stop": "stop_sequences", "tier": "service_tier"}.items():
        if body.get(member) is not None:
            q[name] = body[member]
    if body.get("metadata"):
        q["user"] = body["metadata"]["user_id"]
    chosen = body.get("tool_choice")
    if chosen:
        kind = chosen["type"]
        q["choice"] = {"name": chosen["name"]} if kind == "tool" else {"any": "required"}.get(kind, kind)
        if "disable_parallel_tool_use" in chosen:
            q["parallel"] = not chosen["disable_parallel_tool_use"]
    thinking = body.get("thinking")
    if thinking:
        q["budget"] = {"enabled": thinking.get("budget_tokens"), "disabled": 0}.get(
            thinking["type"], thinking["type"])
        if thinking["type"] == "enabled":
            want(1024 <= q["budget"] < body["max_tokens"],
                 f"budget_tokens {q['budget']} with max_tokens {body['max_tokens']}")
    config = take(body.get("output_config") or {}, "output_config", ("effort", "format"))
    if "effort" in config:
        q["effort"] = config["effort"]
    if "format" in config:
        q["schema"] = take(config["format"], "format", (), ("type", "schema"))["schema"]
    if body.get("tools"):
        q["tools"] = [tool_in(t, i) for i, t in enumerate(body["tools"])]
    if body.get("cache_control"):
        q["cache"] = True
    return q


def tool_in(made, i):
    take(made, f"tools[{i}]", ("description", "strict", "cache_control", "type"),
         ("name", "input_schema"))
    same(made["input_schema"].get("type"), "object", f"tools[{i}].input_schema.type")
    want(plain_name(made["name"][:64]) and len(made["name"]) <= 128, f"tools[{i}].name")
    return {"name": made["name"], "description": made.get("description"),
            "schema": made["input_schema"],
            **({"strict": made["strict"]} if made.get("strict") is not None else {}),
            **({"cache": True} if made.get("cache_control") else {})}


# ---- an engine's answer
def usage_out(u):
    return {"input_tokens": u["input"] - u["cached"] - u["written"],
            "cache_creation_input_tokens": u["written"], "cache_read_input_tokens": u["cached"],
            "cache_creation": {"ephemeral_5m_input_tokens": u["written"],
                               "ephemeral_1h_input_tokens": 0},
            "output_tokens": u["output"], "service_tier": "standard", "server_tool_use": None,
            "output_tokens_details": {"thinking_tokens": u["reasoning"]}}


def blocks(parts):
    made = []
    for part in parts:
        if part["t"] == "refusal":
            made.append({"type": "text", "text": part["text"]})
        elif part["t"] in ("audio", "image"):
            raise Cannot(part["t"])
        else:
            made.append(part_out(part))
    return made


def message_out(a, model, content, used):
    return {"id": "msg_01", "type": "message", "role": "assistant", "model": model,
            "content": content, "stop_reason": FINISH[a["finish"]],
            "stop_sequence": a.get("sequence"), "usage": used}


def answer(a, model):
    if "more" in a or a.get("logprobs"):
        raise Cannot("choices")
    made = blocks(a["parts"])
    if any("(broken)" in b.get("input", {}) for b in made):
        raise Cannot("broken arguments")
    return message_out(a, model, made, usage_out(a["usage"]))


def frame(value):
    return f"event: {value['type']}\ndata: {json.dumps(value, ensure_ascii=False)}\n\n".encode()


def stream(a, model):
    if "more" in a or a.get("logprobs"):
        raise Cannot("choices")
    used = usage_out(a["usage"])
    start = {**used, "output_tokens": 1}
    head = {**message_out(a, model, [], start), "stop_reason": None, "stop_sequence": None}
    yield frame({"type": "message_start", "message": head})
    yield frame({"type": "ping"})
    for i, (part, block) in enumerate(zip(a["parts"], blocks(a["parts"]))):
        kind = block["type"]
        begin = {"text": {"type": "text", "text": ""},
                 "thinking": {"type": "thinking", "thinking": "", "signature": ""},
                 "tool_use": {**block, "input": {}}}.get(kind, block)
        yield frame({"type": "content_block_start", "index": i, "content_block": begin})
        made = []
        if kind == "text":
            made = [{"type": "text_delta", "text": p} for p in nf.fragments(part)]
        elif kind == "thinking":
            made = [{"type": "thinking_delta", "thinking": p} for p in nf.fragments(part)]
            made.append({"type": "signature_delta", "signature": block["signature"]})
        elif kind == "tool_use":
            made = [{"type": "input_json_delta", "partial_json": p} for p in nf.fragments(part)]
        for delta in made:
            yield frame({"type": "content_block_delta", "index": i, "delta": delta})
        yield frame({"type": "content_block_stop", "index": i})
    yield frame({"type": "message_delta",
                 "delta": {"stop_reason": FINISH[a["finish"]], "stop_sequence": a.get("sequence")},
                 "usage": {k: used[k] for k in ("input_tokens", "cache_creation_input_tokens",
                                                "cache_read_input_tokens", "output_tokens",
                                                "output_tokens_details")}})
    yield frame({"type": "message_stop"})


def error(status, text):
    kind = {400: "invalid_request_error", 401: "authentication_error", 429: "rate_limit_error",
            503: "overloaded_error"}[status]
    return {"type": "error", "error": {"type": kind, "message": text}, "request_id": "req_1"}


def stream_error(text, _=0):
    return frame({"type": "error", "error": {"type": "overloaded_error", "message": text}})


# ---- a client reads the answer
def usage_in(u):
    for member in ("input_tokens", "output_tokens"):
        want(isinstance(u.get(member), int), f"usage.{member} is {u.get(member)!r}")
    cached, written = u.get("cache_read_input_tokens"), u.get("cache_creation_input_tokens")
    return nf.usage(u["input_tokens"] + (cached or 0) + (written or 0), u["output_tokens"],
                    cached or 0, written or 0,
                    (u.get("output_tokens_details") or {}).get("thinking_tokens") or 0)


def block_in(block, where):
    kind = block["type"]
    if kind == "text":
        take(block, where, ("citations",), ("type", "text"))
        return nf.text(block["text"])
    if kind == "thinking":
        take(block, where, (), ("type", "thinking", "signature"))
        return nf.thought(block["thinking"], block["signature"] or None)
    if kind == "redacted_thinking":
        return nf.redacted(take(block, where, (), ("type", "data"))["data"])
    if kind == "tool_use":
        take(block, where, ("caller",), ("type", "id", "name", "input"))
        want(isinstance(block["input"], dict), f"{where}: input is no object")
        return nf.call(block["id"], block["name"], block["input"])
    raise Wrong(f"{where}: a block of type {kind!r}")


def finished(message, parts):
    word = message["stop_reason"]
    want(word in FINISH.values(), f"stop_reason {word!r}")
    has_call = any(p["t"] == "call" for p in parts)
    want((word == "tool_use") <= has_call, "tool_use without a call")
    want((message["stop_sequence"] is not None) == (word == "stop_sequence"),
         f"stop_sequence {message['stop_sequence']!r} with {word}")
    got = {"finish": {"end_turn": "stop", "max_tokens": "length", "tool_use": "tool",
                      "stop_sequence": "sequence", "refusal": "refusal"}[word]}
    if word == "stop_sequence":
        got["sequence"] = message["stop_sequence"]
    return got


MESSAGE = ("id", "type", "role", "model", "content", "stop_reason", "stop_sequence", "usage")
USAGE = ("input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens",
         "cache_creation", "server_tool_use", "service_tier")


def read_answer(value):
    take(value, "the answer", ("stop_details", "container", "context_management"), MESSAGE)
    same((value["type"], value["role"]), ("message", "assistant"), "type and role")
    take(value["usage"], "usage", ("output_tokens_details", "inference_geo", "speed"), USAGE)
    parts = [block_in(b, f"content[{i}]") for i, b in enumerate(value["content"])]
    return {"parts": parts, "usage": usage_in(value["usage"]), "model": value["model"],
            **finished(value, parts)}, value["content"]


DELTAS = {"text": {"text_delta": "text"}, "tool_use": {"input_json_delta": "partial_json"},
          "thinking": {"thinking_delta": "thinking", "signature_delta": "signature"}}


def read_blocks(events):
    """The blocks: one after the other, indices from 0, each begun and ended once."""
    content, now, said = [], None, ""
    for value in events:
        kind = value["type"]
        if kind == "content_block_start":
            want(now is None, "a block begins within another")
            same(value["index"], len(content), "the index of a block")
            now, said = dict(value["content_block"]), ""
            empty = {"text": {"text": ""}, "thinking": {"thinking": "", "signature": ""},
                     "tool_use": {"input": {}}}.get(now["type"], {})
            for member, start in empty.items():
                same(now.get(member), start, f"{now['type']} begins with {member}")
        elif kind == "content_block_delta":
            want(now is not None, "a delta of no open block")
            same(value["index"], len(content), "the index of a delta")
            delta = value["delta"]
            want(delta["type"] in DELTAS.get(now["type"], {}),
                 f"{delta['type']} in a block of {now['type']}")
            member = DELTAS[now["type"]][delta["type"]]
            want(not now.get("signature"), "a delta after the signature")
            if member == "partial_json":
                said += delta[member]
            else:
                now[member] += delta[member]
        elif kind == "content_block_stop":
            want(now is not None, "a stop of no open block")
            same(value["index"], len(content), "the index of a stop")
            if now["type"] == "tool_use":
                now["input"] = nf.parsed(said, "stream")
            content.append(now)
            now = None
        else:
            raise Wrong(f"{kind} among the blocks")
    want(now is None, "a block is not ended")
    return content


def read_stream(data):
    events = [v for v in sse.named(data) if v["type"] != "ping"]
    kinds = [v["type"] for v in events]
    want("error" not in kinds, f"an error: {data[-400:]!r}")
    same(kinds[:1], ["message_start"], "the first event")
    same(kinds[-2:], ["message_delta", "message_stop"], "the last events")
    for kind in ("message_start", "message_delta", "message_stop"):
        same(kinds.count(kind), 1, f"how many {kind}")
    message = take(events[0]["message"], "message_start", ("stop_details", "container",
                                                           "context_management"), MESSAGE)
    same((message["content"], message["stop_reason"]), ([], None), "message_start")
    take(message["usage"], "message_start.usage", ("output_tokens_details", "inference_geo"), USAGE)
    content = read_blocks(events[1:-2])
    message.update(events[-2]["delta"])
    used = {**message["usage"], **{k: v for k, v in events[-2]["usage"].items() if v is not None}}
    parts = [block_in(b, f"block {i}") for i, b in enumerate(content)]
    return {"parts": parts, "usage": usage_in(used), "model": message["model"],
            **finished(message, parts)}, content


def read_error(value):
    take(value, "the error", ("request_id",), ("type", "error"))
    same(value["type"], "error", "type")
    inner = take(value["error"], "error", ("details",), ("type", "message"))
    want(inner["type"] in ("invalid_request_error", "authentication_error", "billing_error",
                           "permission_error", "not_found_error", "conflict_error",
                           "request_too_large", "rate_limit_error", "api_error", "timeout_error",
                           "overloaded_error"), f"error.type {inner['type']!r}")
    return inner["message"]


def read_stream_error(data):
    events = sse.named(data)
    kinds = [v["type"] for v in events]
    same(kinds.count("error"), 1, "how many errors")
    same(kinds[-1], "error", "the last event")
    want(not {"message_delta", "message_stop"} & set(kinds), "a mark of success though it failed")
    return read_error(events[-1])
