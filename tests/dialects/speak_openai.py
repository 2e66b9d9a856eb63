"""speak_openai.py -- OpenAI chat completions, both sides, from the types of its SDK
(resources/chat/completions)."""
import json

import normal as nf
import sse
from normal import Cannot, Wrong, same, take, want

NAME = "openai"
SPEAKS = "openai"
FINISH = {"stop": "stop", "length": "length", "tool": "tool_calls", "filter": "content_filter",
          "refusal": "stop", "sequence": "stop"}
HAS = {"call ids", "signatures", "logprobs", "n", "later system", "cached", "written", "reasoning"}


# ---- a client's request
def part_out(part):
    kind = part["t"]
    mark = {"cache_control": {"type": "ephemeral"}} if part.get("cache") else {}
    if kind == "text":
        return {"type": "text", "text": part["text"], **mark}
    if kind == "image":
        url = part.get("url") or f"data:{part['mime']};base64,{part['data']}"
        return {"type": "image_url", "image_url": {"url": url}}
    if kind == "file":
        return {"type": "file", "file": {"filename": part["name"],
                                         "file_data": f"data:{part['mime']};base64,{part['data']}"}}
    if kind == "audio":
        return {"type": "input_audio", "input_audio": {"data": part["data"], "format": part["kind"]}}
    raise Cannot(kind)


def content_out(parts):
    if len(parts) == 1 and parts[0]["t"] == "text" and not parts[0].get("cache"):
        return parts[0]["text"]
    return [part_out(part) for part in parts]


def messages_out(messages):
    made = []
    for message in messages:
        if message["role"] != "assistant":
            results = [p for p in message["parts"] if p["t"] == "result"]
            rest = [p for p in message["parts"] if p["t"] != "result"]
            for part in results:
                if any(p["t"] != "text" for p in part["parts"]) or part["error"]:
                    raise Cannot("such a result")
                made.append({"role": "tool", "tool_call_id": part["id"],
                             "content": content_out(part["parts"])})
            if rest:
                made.append({"role": message["role"], "content": content_out(rest)})
            continue
        one = {"role": "assistant", "content": None}
        texts = [p for p in message["parts"] if p["t"] == "text"]
        if texts:
            one["content"] = content_out(texts)
        for part in message["parts"]:
            if part["t"] == "call":
                one.setdefault("tool_calls", []).append(
                    {"id": part["id"], "type": "function",
                     "function": {"name": part["name"], "arguments": part["args"]}})
            elif part["t"] == "refusal":
                one["refusal"] = part["text"]
            elif part["t"] == "thought" and not part["sig"]:
                one["reasoning_content"] = part["text"]
            elif part["t"] != "text":
                raise Cannot(part["t"])
        made.append(one)
    return made


def request(q, model, stream):
    role = q.get("system role", "system")
    body = {"model": model, "messages": [{"role": role, "content": s} for s in q["system"]]
            + messages_out(q["messages"])}
    if q.get("tools"):
        body["tools"] = [{"type": "function", "function": {
            "name": t["name"], "description": t["description"],
            **({"parameters": t["schema"]} if t["schema"] is not None else {}),
            **({"strict": t["strict"]} if "strict" in t else {})}} for t in q["tools"]]
    plain = {"max_tokens": "max_completion_tokens", "temperature": "temperature", "top_p": "top_p",
             "top_k": "top_k", "stop": "stop", "seed": "seed", "n": "n", "tier": "service_tier",
             "user": "user", "metadata": "metadata", "effort": "reasoning_effort",
             "parallel": "parallel_tool_calls"}
    for name, member in plain.items():
        if name in q:
            body[member] = q[name]
    if "choice" in q:
        body["tool_choice"] = q["choice"] if isinstance(q["choice"], str) else {
            "type": "function", "function": {"name": q["choice"]["name"]}}
    if "schema" in q:
        body["response_format"] = {"type": "json_object"} if q["schema"] == "json" else {
            "type": "json_schema", "json_schema": {"name": "out", "schema": q["schema"],
                                                   "strict": True}}
    if "logprobs" in q:
        body.update(logprobs=True, top_logprobs=q["logprobs"])
    if "budget" in q or "file_id" in q:
        raise Cannot("budget")
    if stream:
        body.update(stream=True, stream_options={"include_usage": True})
    return "/v1/chat/completions", body


def append(body, native, messages):
    """The next turn: the answer exactly as it came, and what follows."""
    body["messages"] = body["messages"] + [native] + messages_out(messages)


# ---- an engine reads it
def data_url(url, where):
    want(url.startswith("data:") and ";base64," in url, f"{where} is no data URL: {url[:60]}")
    return url[5:].split(";base64,", 1)


def part_in(part, where):
    kind = part.get("type")
    if kind == "text":
        take(part, where, ("cache_control", "prompt_cache_breakpoint"), ("type", "text"))
        return nf.text(part["text"], **({"cache": True} if "cache_control" in part else {}))
    if kind == "refusal":
        return nf.refusal(part["refusal"])
    if kind == "image_url":
        take(part, where, (), ("type", "image_url"))
        url = take(part["image_url"], where, ("detail",), ("url",))["url"]
        if not url.startswith("data:"):
            return nf.image_at(url)
        mime, data = data_url(url, where)
        return nf.image(data, mime)
    if kind == "file":
        inner = take(part["file"], where, ("filename", "file_data", "file_id"))
        mime, data = data_url(inner["file_data"], where)
        return nf.file(data, mime, inner.get("filename"))
    if kind == "input_audio":
        inner = take(part["input_audio"], where, (), ("data", "format"))
        return nf.audio(inner["data"], inner["format"])
    raise Wrong(f"{where}: a part of type {kind!r}")


def content_in(content, where):
    if content is None:
        return []
    if isinstance(content, str):
        return [nf.text(content)]
    return [part_in(p, f"{where}[{i}]") for i, p in enumerate(content)]


TOP = ("model", "messages", "tools", "tool_choice", "parallel_tool_calls", "max_tokens",
       "max_completion_tokens", "temperature", "top_p", "top_k", "stop", "seed", "n", "logprobs",
       "top_logprobs", "response_format", "reasoning_effort", "service_tier", "user", "metadata",
       "stream", "stream_options", "verbosity", "store", "safety_identifier", "prompt_cache_key")


def read_request(body, path):
    want(path == "/v1/chat/completions", f"asked at {path}")
    take(body, "the request", TOP, ("model", "messages"))
    q = {"system": [], "messages": [], "model": body["model"], "stream": bool(body.get("stream"))}
    open_calls, begun = {}, False
    for i, message in enumerate(body["messages"]):
        where = f"messages[{i}]"
        role = message["role"]
        take(message, where, ("content", "tool_calls", "tool_call_id", "refusal", "name",
                              "reasoning_content", "reasoning_details"), ("role",))
        parts = content_in(message.get("content"), f"{where}.content")
        if role in ("system", "developer") and not begun:
            q["system"] += [p["text"] for p in parts]
            continue
        begun = True
        if role == "tool":
            ident = message.get("tool_call_id")
            want(ident in open_calls, f"{where}: a result of {ident!r}, which was not called before")
            want(all(p["t"] == "text" for p in parts), f"{where}: a tool's result is text")
            parts = [nf.result(ident, open_calls.pop(ident), *parts)]
            role = "user"
        elif role == "assistant":
            want(not open_calls, f"{where}: calls without results before: {list(open_calls)}")
            if message.get("reasoning_content"):
                parts.insert(0, nf.thought(message["reasoning_content"]))
            for detail in message.get("reasoning_details") or []:
                if detail.get("type") == "reasoning.encrypted":
                    parts.insert(0, {"t": "sealed", "data": detail["data"]})
            if message.get("refusal"):
                parts.append(nf.refusal(message["refusal"]))
            for made in message.get("tool_calls") or []:
                take(made, where, ("index",), ("id", "type", "function"))
                take(made["function"], where, (), ("name", "arguments"))
                want(isinstance(made["function"]["arguments"], str), f"{where}: arguments are text")
                want(0 < len(made["id"]) <= 64, f"{where}: an id of {len(made['id'])} characters")
                want(made["id"] not in open_calls, f"{where}: the id {made['id']} twice")
                open_calls[made["id"]] = made["function"]["name"]
                parts.append(nf.call(made["id"], made["function"]["name"],
                                     made["function"]["arguments"]))
            want(parts, f"{where}: a message that says nothing")
        else:
            want(role in ("user", "system", "developer"), f"{where}: role {role!r}")
            want(not open_calls or role != "user", f"{where}: calls without results before")
            role = "system" if role == "developer" else role
        q["messages"].append(nf.say(role, *parts))
    plain = {"temperature": "temperature", "top_p": "top_p", "top_k": "top_k", "seed": "seed",
             "n": "n", "tier": "service_tier", "user": "user", "metadata": "metadata",
             "effort": "reasoning_effort", "parallel": "parallel_tool_calls"}
    for name, member in plain.items():
        if body.get(member) is not None:
            q[name] = body[member]
    limits = {body[m] for m in ("max_tokens", "max_completion_tokens") if body.get(m) is not None}
    want(len(limits) < 2, f"two limits: {limits}")
    if limits:
        q["max_tokens"] = limits.pop()
    if body.get("stop"):
        q["stop"] = [body["stop"]] if isinstance(body["stop"], str) else body["stop"]
    if body.get("logprobs"):
        q["logprobs"] = body.get("top_logprobs", 0)
    chosen = body.get("tool_choice")
    if chosen is not None:
        q["choice"] = chosen if isinstance(chosen, str) else {"name": chosen["function"]["name"]}
    if body.get("tools"):
        q["tools"] = [tool_in(t, i) for i, t in enumerate(body["tools"])]
    form = body.get("response_format")
    if form and form["type"] != "text":
        q["schema"] = "json" if form["type"] == "json_object" else form["json_schema"]["schema"]
    return q


def plain_name(name):
    """^[a-zA-Z0-9_-]{1,64}$"""
    return 0 < len(name) <= 64 and name.isascii() and name.replace("-", "a").replace(
        "_", "a").isalnum()


def tool_in(made, i):
    take(made, f"tools[{i}]", ("cache_control",), ("type", "function"))
    same(made["type"], "function", f"tools[{i}].type")
    inner = take(made["function"], f"tools[{i}]", ("description", "parameters", "strict"), ("name",))
    want(plain_name(inner["name"]), f"tools[{i}].name {inner['name']!r}")
    return {"name": inner["name"], "description": inner.get("description"),
            "schema": inner.get("parameters"),
            **({"strict": inner["strict"]} if inner.get("strict") is not None else {})}


# ---- an engine's answer
def usage_out(u):
    return {"prompt_tokens": u["input"], "completion_tokens": u["output"],
            "total_tokens": u["input"] + u["output"],
            "prompt_tokens_details": {"cached_tokens": u["cached"],
                                      "cache_write_tokens": u["written"]},
            "completion_tokens_details": {"reasoning_tokens": u["reasoning"]}}


def message_out(parts):
    message = {"role": "assistant", "content": None}
    for part in parts:
        if part["t"] == "text":
            message["content"] = (message["content"] or "") + part["text"]
        elif part["t"] == "thought":
            message["reasoning_content"] = message.get("reasoning_content", "") + part["text"]
            if part["sig"]:
                message["reasoning_details"] = [{"type": "reasoning.encrypted", "data": part["sig"]}]
        elif part["t"] == "refusal":
            message["refusal"] = part["text"]
        elif part["t"] == "call":
            message.setdefault("tool_calls", []).append(
                {"id": part["id"], "type": "function",
                 "function": {"name": part["name"], "arguments": part["args"]}})
        else:
            raise Cannot(part["t"])
    return message


def answer(a, model):
    choices = [{"index": i, "message": message_out(parts), "logprobs": a.get("logprobs"),
                "finish_reason": FINISH[a["finish"]],
                **({"stop_reason": a["sequence"]} if "sequence" in a else {})}
               for i, parts in enumerate([a["parts"]] + a.get("more", []))]
    return {"id": "chatcmpl-1", "object": "chat.completion", "created": 1700000000, "model": model,
            "choices": choices, "usage": usage_out(a["usage"])}


def chunk(model, delta, finish=None, **more):
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1700000000,
            "model": model, "choices": [{"index": more.pop("index", 0), "delta": delta,
                                         "finish_reason": finish, **more}]}


def frame(value):
    return b"data: " + json.dumps(value, ensure_ascii=False).encode() + b"\n\n"


def deltas(parts, a):
    at = -1
    said_logprobs = False
    for part in parts:
        if part["t"] == "text":
            for piece in nf.fragments(part):
                more = {"logprobs": a["logprobs"]} if a.get("logprobs") and not said_logprobs else {}
                said_logprobs = True
                yield {"content": piece}, more
        elif part["t"] == "thought":
            for piece in nf.fragments(part):
                yield {"reasoning_content": piece}, {}
            if part["sig"]:
                yield {"reasoning_details": [{"type": "reasoning.encrypted",
                                              "data": part["sig"], "index": 0}]}, {}
        elif part["t"] == "refusal":
            for piece in nf.fragments(part):
                yield {"refusal": piece}, {}
        elif part["t"] == "call":
            at += 1
            yield {"tool_calls": [{"index": at, "id": part["id"], "type": "function", "function":
                                   {"name": part["name"], "arguments": ""}}]}, {}
            for piece in nf.fragments(part):
                yield {"tool_calls": [{"index": at, "function": {"arguments": piece}}]}, {}
        else:
            raise Cannot(part["t"])


def stream(a, model):
    yield frame(chunk(model, {"role": "assistant", "content": ""}))
    made = a["openai deltas"] if "openai deltas" in a else deltas(a["parts"], a)
    for delta, more in made:
        yield frame(chunk(model, delta, **more))
    for i, parts in enumerate(a.get("more", []), 1):
        yield frame(chunk(model, {"role": "assistant", "content": ""}, index=i))
        for delta, more in deltas(parts, a):
            yield frame(chunk(model, delta, index=i, **more))
    for i in range(1 + len(a.get("more", []))):
        more = {"stop_reason": a["sequence"]} if "sequence" in a else {}
        yield frame(chunk(model, {}, FINISH[a["finish"]], index=i, **more))
    yield frame({**chunk(model, {}), "choices": [], "usage": usage_out(a["usage"])})
    yield b"data: [DONE]\n\n"


def error(status, text):
    kind = {400: "invalid_request_error", 401: "authentication_error", 429: "rate_limit_error",
            503: "server_error"}[status]
    return {"error": {"message": text, "type": kind, "param": None, "code": None}}


def stream_error(text, _=0):
    return frame({"error": {"message": text, "type": "server_error", "param": None, "code": 500}})


# ---- a client reads the answer
def usage_in(u):
    for member in ("prompt_tokens", "completion_tokens", "total_tokens"):
        want(isinstance(u.get(member), int), f"usage.{member} is {u.get(member)!r}")
    same(u["total_tokens"], u["prompt_tokens"] + u["completion_tokens"], "usage.total_tokens")
    given = u.get("prompt_tokens_details") or {}
    out = u.get("completion_tokens_details") or {}
    return nf.usage(u["prompt_tokens"], u["completion_tokens"], given.get("cached_tokens") or 0,
                    given.get("cache_write_tokens") or 0, out.get("reasoning_tokens") or 0)


def finish_in(word, parts):
    want(word in FINISH.values(), f"finish_reason {word!r}")
    back = {"stop": "stop", "length": "length", "tool_calls": "tool", "content_filter": "filter"}[word]
    want((back == "tool") <= any(p["t"] == "call" for p in parts), "tool_calls without a call")
    return back


def message_in(message, where):
    take(message, where, ("refusal", "tool_calls", "reasoning_content", "reasoning_details",
                          "annotations", "audio", "function_call", "reasoning"), ("role", "content"))
    same(message["role"], "assistant", f"{where}.role")
    parts = []
    seals = [d["data"] for d in message.get("reasoning_details") or []
             if d["type"] == "reasoning.encrypted"]
    if message.get("reasoning_content"):
        parts.append(nf.thought(message["reasoning_content"], seals[0] if seals else None))
    else:
        parts += [nf.redacted(seal) for seal in seals]
    if message["content"]:
        parts.append(nf.text(message["content"]))
    if message.get("refusal"):
        parts.append(nf.refusal(message["refusal"]))
    for made in message.get("tool_calls") or []:
        take(made, where, ("index",), ("id", "type", "function"))
        want(isinstance(made["function"]["arguments"], str), f"{where}: arguments are text")
        parts.append(nf.call(made["id"], made["function"]["name"], made["function"]["arguments"]))
    return parts


def read_answer(value):
    take(value, "the answer", ("system_fingerprint", "service_tier"),
         ("id", "object", "created", "model", "choices", "usage"))
    same(value["object"], "chat.completion", "object")
    want(isinstance(value["created"], int), "created is a number")
    made = []
    for i, choice in enumerate(value["choices"]):
        take(choice, "a choice", ("logprobs", "stop_reason"), ("index", "message", "finish_reason"))
        same(choice["index"], i, "index")
        made.append(message_in(choice["message"], f"choices[{i}].message"))
    first = value["choices"][0]
    got = {"parts": made[0], "finish": finish_in(first["finish_reason"], made[0]),
           "usage": usage_in(value["usage"]), "model": value["model"]}
    if made[1:]:
        got["more"] = made[1:]
    if first.get("logprobs"):
        got["logprobs"] = first["logprobs"]
    return got, first["message"]


class Gathered:
    """A choice of a stream, as SDKs gather it."""

    def __init__(self):
        self.message, self.finish, self.calls, self.logprobs = None, None, {}, None
        self.order = []

    def add(self, delta, where):
        take(delta, where, ("role", "content", "refusal", "tool_calls", "reasoning_content",
                            "reasoning_details", "annotations"))
        want(self.finish is None or not any(delta.values()), f"{where}: text after finish_reason")
        if self.message is None:
            same(delta.get("role"), "assistant", f"{where}: the first delta's role")
            self.message = {"role": "assistant", "content": None}
        else:
            want("role" not in delta, f"{where}: a role once more")
        for name, kind in (("reasoning_content", "thought"), ("content", "text"),
                           ("refusal", "refusal"), ("tool_calls", "call")):
            if delta.get(name):
                self.order.append(kind)
        for name in ("content", "refusal", "reasoning_content"):
            if delta.get(name):
                self.message[name] = (self.message.get(name) or "") + delta[name]
        if delta.get("reasoning_details"):
            self.message.setdefault("reasoning_details", []).extend(delta["reasoning_details"])
        for made in delta.get("tool_calls") or []:
            at = made.get("index")
            want(isinstance(at, int), f"{where}: a call without index")
            if at not in self.calls:
                same(at, len(self.calls), f"{where}: the index of a new call")
                want(made.get("id") and made["function"].get("name"),
                     f"{where}: a call begins without id or name")
                same(made.get("type"), "function", f"{where}: type of a call")
                self.calls[at] = {"id": made["id"], "type": "function", "function":
                                  {"name": made["function"]["name"], "arguments": ""}}
            else:
                # The Python SDK joins what is said twice.
                want(not made.get("id") and not made["function"].get("name"),
                     f"{where}: the call's id or name once more")
            self.calls[at]["function"]["arguments"] += made["function"].get("arguments") or ""

    def whole(self):
        if self.calls:
            self.message["tool_calls"] = list(self.calls.values())
        return self.message


def read_stream(data):
    found = sse.frames(data)
    want(found and found[-1][1] == "[DONE]", f"the end is no [DONE]: {data[-200:]!r}")
    choices, used, ids = {}, None, set()
    for i, (event, line) in enumerate(found[:-1]):
        want(event is None, f"a chunk named {event!r}")
        value = nf.read_json(line, f"chunk {i}")
        want("error" not in value, f"an error: {line}")
        take(value, f"chunk {i}", ("usage", "system_fingerprint", "service_tier", "obfuscation"),
             ("id", "object", "created", "model", "choices"))
        same(value["object"], "chat.completion.chunk", "object")
        ids.add((value["id"], value["model"]))
        want(used is None, "a chunk after the one with usage")
        for choice in value["choices"]:
            take(choice, f"chunk {i}", ("logprobs", "finish_reason", "stop_reason"), ("index", "delta"))
            one = choices.setdefault(choice["index"], Gathered())
            one.add(choice["delta"], f"chunk {i}")
            one.logprobs = one.logprobs or choice.get("logprobs")
            want(not choice.get("finish_reason") or not one.finish, "finish_reason twice")
            one.finish = choice.get("finish_reason") or one.finish
        if value.get("usage"):
            used = usage_in(value["usage"])
            want(value["choices"] == [], "usage stands in a chunk of its own, with choices: []")
    want(used, "no usage, though it was asked for")
    want(len(ids) == 1, f"id and model change within a stream: {ids}")
    want(choices and all(c.finish for c in choices.values()), "a choice without finish_reason")
    made = [message_in(c.whole(), "the message") for _, c in sorted(choices.items())]
    got = {"parts": made[0], "finish": finish_in(choices[0].finish, made[0]), "usage": used,
           "model": ids.pop()[1], "order": choices[0].order}
    if made[1:]:
        got["more"] = made[1:]
    if choices[0].logprobs:
        got["logprobs"] = choices[0].logprobs
    return got, choices[0].whole()


def read_error(value):
    take(value, "the error", (), ("error",))
    inner = take(value["error"], "error", ("request_id", "decision", "retry_after"),
                 ("message", "type", "param", "code"))
    return inner["message"]


def read_stream_error(data):
    found = sse.frames(data)
    want(all(line != "[DONE]" for _, line in found), "[DONE] though it failed")
    values = [nf.read_json(line, "a chunk") for _, line in found]
    errors = [i for i, v in enumerate(values) if "error" in v]
    same(errors, [len(values) - 1], "the place of the error")
    want(not any(c.get("finish_reason") for v in values for c in v.get("choices", [])),
         "finish_reason though it failed")
    return read_error(values[-1])
