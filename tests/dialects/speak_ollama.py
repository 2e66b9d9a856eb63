"""speak_ollama.py -- Ollama's /api/chat, both sides, from its api/types.go."""
import json

import normal as nf
import sse
from normal import Cannot, same, take, want

NAME = "ollama"
SPEAKS = "ollama"
FINISH = {"stop": "stop", "length": "length", "tool": "stop", "filter": "stop", "refusal": "stop",
          "sequence": "stop"}
HAS = {"later system", "logprobs"}


# ---- a client's request
def messages_out(messages, bare=False):
    made = []
    for message in messages:
        one = {"role": message["role"], "content": ""}
        texts, results = [], []
        for part in message["parts"]:
            kind = part["t"]
            if part.get("cache"):
                raise Cannot("cache")
            if kind == "text":
                texts.append(part["text"])
            elif kind in ("image", "audio") and "data" in part:
                one.setdefault("images", []).append(part["data"])
            elif kind == "thought" and not part["sig"]:
                one["thinking"] = part["text"]
            elif kind == "call":
                one.setdefault("tool_calls", []).append({"function": {
                    "name": part["name"], "arguments": nf.parsed(part["args"], "call")}})
            elif kind == "result":
                if part["error"]:
                    raise Cannot("an error of a tool")
                it = messages_out([nf.say("tool", *part["parts"])])[0]
                results.append(it if bare else {**it, "tool_name": part["name"]})
            else:
                raise Cannot(kind)
        one["content"] = "\n".join(texts)
        made += results
        if len(results) < len(message["parts"]):
            made.append(one)
    return made


def request(q, model, stream):
    body = {"model": model, "messages": [{"role": "system", "content": s} for s in q["system"]]
            + messages_out(q["messages"], q.get("bare results"))}
    if q.get("tools"):
        if any("strict" in t or "cache" in t or t["schema"] is None for t in q["tools"]):
            raise Cannot("strict")
        body["tools"] = [{"type": "function", "function": {
            "name": t["name"], "description": t["description"], "parameters": t["schema"]}}
            for t in q["tools"]]
    options = {}
    for name, member in {"max_tokens": "num_predict", "temperature": "temperature",
                         "top_p": "top_p", "top_k": "top_k", "stop": "stop", "seed": "seed"}.items():
        if name in q:
            options[member] = q[name]
    if options:
        body["options"] = options
    if "schema" in q:
        body["format"] = q["schema"]
    if "effort" in q:
        if q["effort"] not in ("low", "medium", "high", "max"):
            raise Cannot("effort")
        body["think"] = q["effort"]
    if "budget" in q:
        if q["budget"]:
            raise Cannot("budget")
        body["think"] = False
    if "logprobs" in q:
        body.update(logprobs=True, top_logprobs=q["logprobs"])
    if set(q) & {"choice", "parallel", "n", "tier", "user", "metadata"}:
        raise Cannot("no such member")
    if not stream:
        body["stream"] = False
    return "/api/chat", body


def append(body, native, messages):
    body["messages"] = body["messages"] + [native] + messages_out(messages)


# ---- an engine reads it
TOP = ("model", "messages", "tools", "stream", "format", "options", "think", "keep_alive",
       "truncate", "logprobs", "top_logprobs")


def read_request(body, path):
    want(path == "/api/chat", f"asked at {path}")
    take(body, "the request", TOP, ("model", "messages"))
    q = {"system": [], "messages": [], "model": body["model"], "stream": body.get("stream", True)}
    begun, called = False, []
    for i, message in enumerate(body["messages"]):
        where, role = f"messages[{i}]", message["role"]
        take(message, where, ("content", "thinking", "images", "tool_calls", "tool_name",
                              "tool_call_id"), ("role",))
        want(isinstance(message.get("content", ""), str), f"{where}: content is text")
        if role == "system" and not begun:
            q["system"].append(message["content"])
            continue
        begun = True
        parts = [nf.text(message["content"])] if message.get("content") else []
        if message.get("thinking"):
            parts.insert(0, nf.thought(message["thinking"]))
        for data in message.get("images") or []:
            want(isinstance(data, str) and not data.startswith("data:"), f"{where}: a data URL")
            parts.append(nf.audio(data) if data.startswith("UklGR") else {**nf.image(data)})
        for made in message.get("tool_calls") or []:
            take(made, where, ("id",), ("function",))
            inner = take(made["function"], where, ("index",), ("name", "arguments"))
            want(isinstance(inner["arguments"], dict), f"{where}: arguments are an object")
            parts.append(nf.call(made.get("id"), inner["name"], inner["arguments"]))
            called.append((made.get("id"), inner["name"]))
        if role == "tool":
            want(called, f"{where}: a result without its call")
            ident, name = message.get("tool_call_id"), message.get("tool_name")
            at = next((c for c in called if (ident or c[0]) == c[0] and (name or c[1]) == c[1]), None)
            want(at, f"{where}: a result of {ident!r} {name!r}, which was not called")
            called.remove(at)
            q["messages"].append(nf.say("user", nf.result(at[0], at[1], *parts)))
            continue
        want(role in ("user", "assistant", "system"), f"{where}: role {role!r}")
        q["messages"].append(nf.say(role, *parts))
    options = body.get("options") or {}
    for name, member in {"max_tokens": "num_predict", "temperature": "temperature",
                         "top_p": "top_p", "top_k": "top_k", "stop": "stop", "seed": "seed"}.items():
        if member in options:
            q[name] = options[member]
    if body.get("format"):
        q["schema"] = body["format"]
    if "think" in body:
        q.update({"budget": 0} if body["think"] is False else {"effort": body["think"]})
    if body.get("logprobs"):
        q["logprobs"] = body.get("top_logprobs", 0)
    if body.get("tools"):
        q["tools"] = [{"name": t["function"]["name"], "description": t["function"].get("description"),
                       "schema": t["function"].get("parameters")} for t in body["tools"]]
    return q


# ---- an engine's answer
def tail(a):
    made = {"done": True, "done_reason": FINISH[a["finish"]], "total_duration": 5000,
            "load_duration": 100, "prompt_eval_duration": 1000, "eval_duration": 2000}
    if a["usage"]["input"]:
        made["prompt_eval_count"] = a["usage"]["input"]
    if a["usage"]["output"]:
        made["eval_count"] = a["usage"]["output"]
    return made


def line(model, message, **more):
    return {"model": model, "created_at": "2026-11-28T10:00:00.123456789Z",
            "message": {"role": "assistant", "content": "", **message}, "done": False, **more}


def call_out(part, at):
    args = nf.parsed(part["args"], "call")
    if "(broken)" in args:
        raise Cannot("broken arguments")
    made = {"function": {"index": at, "name": part["name"], "arguments": args}}
    return {"id": part["id"], **made} if part.get("with id") else made


def refuse(a):
    if a["finish"] in ("filter", "refusal", "sequence") or "more" in a or a.get("logprobs"):
        raise Cannot("such an end")


def answer(a, model):
    refuse(a)
    message = {"content": ""}
    for part in a["parts"]:
        if part["t"] == "text":
            message["content"] += part["text"]
        elif part["t"] == "thought":
            message["thinking"] = message.get("thinking", "") + part["text"]
        elif part["t"] == "call":
            made = message.setdefault("tool_calls", [])
            made.append(call_out(part, len(made)))
        else:
            raise Cannot(part["t"])
    return line(model, message, **tail(a))


def frame(value):
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"


def stream(a, model):
    refuse(a)
    calls = 0
    for part in a["parts"]:
        if part["t"] == "call":
            yield frame(line(model, {"tool_calls": [call_out(part, calls)]}))
            calls += 1
            continue
        member = {"text": "content", "thought": "thinking"}.get(part["t"])
        if not member:
            raise Cannot(part["t"])
        for piece in nf.fragments(part):
            yield frame(line(model, {member: piece}))
    yield frame(line(model, {}, **tail(a)))


def error(status, text):
    return {"error": text}


def stream_error(text, _=0):
    return frame({"error": text})


# ---- a client reads the answer
DURATIONS = ("total_duration", "load_duration", "prompt_eval_duration", "eval_duration")


def read_line(value, where):
    take(value, where, (*DURATIONS, "done_reason", "prompt_eval_count", "eval_count", "logprobs"),
         ("model", "created_at", "message", "done"))
    message = take(value["message"], where, ("thinking", "tool_calls", "images"), ("role", "content"))
    same(message["role"], "assistant", f"{where}: role")
    want(isinstance(message["content"], str), f"{where}: content is text")
    for made in message.get("tool_calls") or []:
        take(made, where, ("id",), ("function",))
        take(made["function"], where, ("index",), ("name", "arguments"))
        want(isinstance(made["function"]["arguments"], dict), f"{where}: arguments are an object")
    return message


def read_lines(values):
    native, order = {"role": "assistant", "content": ""}, []
    for i, value in enumerate(values):
        message = read_line(value, f"line {i}")
        same(value["done"], i == len(values) - 1, f"line {i}: done")
        if not value["done"]:
            want(not any(m in value for m in (*DURATIONS, "done_reason")), "counts before the end")
        for member in ("content", "thinking"):
            if message.get(member):
                native[member] = native.get(member, "") + message[member]
        order += [kind for member, kind in (("thinking", "thought"), ("content", "text"),
                                            ("tool_calls", "call")) if message.get(member)]
        native.setdefault("tool_calls", []).extend(message.get("tool_calls") or [])
    last = values[-1]
    want(last.get("done_reason") in ("stop", "length", "content_filter"),
         f"done_reason {last.get('done_reason')!r}")
    indices = [c["function"].get("index", i) for i, c in enumerate(native["tool_calls"])]
    same(indices, list(range(len(indices))), "the indices of the calls")
    if len(values) > 1:
        want(not values[-1]["message"].get("tool_calls"), "calls in the last line")
    parts = []
    if native.get("thinking"):
        parts.append(nf.thought(native["thinking"]))
    if native["content"]:
        parts.append(nf.text(native["content"]))
    parts += [nf.call(c.get("id"), c["function"]["name"], c["function"]["arguments"])
              for c in native["tool_calls"]]
    if not native["tool_calls"]:
        del native["tool_calls"]
    finish = "length" if last["done_reason"] == "length" else (
        "tool" if "tool_calls" in native else "stop")
    logprobs = [x for v in values for x in v.get("logprobs") or []]
    return {"parts": parts, "finish": finish, "model": last["model"], "order": order,
            **({"logprobs": logprobs} if logprobs else {}),
            "usage": nf.usage(last.get("prompt_eval_count", 0), last.get("eval_count", 0))}, native


def read_answer(value):
    return read_lines([value])


def read_stream(data):
    values = sse.lines(data)
    want(values and not any("error" in v for v in values), f"an error: {data[-300:]!r}")
    return read_lines(values)


def read_error(value):
    take(value, "the error", ("code",), ("error",))
    want(isinstance(value["error"], str), "error is text")
    return value["error"]


def read_stream_error(data):
    values = sse.lines(data)
    same([i for i, v in enumerate(values) if "error" in v], [len(values) - 1], "place of the error")
    want(not any(v.get("done") for v in values), "done though it failed")
    return read_error(values[-1])
