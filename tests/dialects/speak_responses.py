"""speak_responses.py -- OpenAI Responses, requests and answers; its streams are in
responses_stream.py.  From the types of its SDK (resources/responses)."""
import normal as nf
from normal import Cannot, Wrong, same, take, want
from speak_openai import plain_name

NAME = "responses"
SPEAKS = "responses"
HAS = {"call ids", "signatures", "logprobs", "later system", "cached", "written", "reasoning"}


# ---- a client's request
def part_out(part, role):
    kind = part["t"]
    if part.get("cache"):
        raise Cannot("cache")
    if kind == "text":
        if role == "assistant":
            return {"type": "output_text", "text": part["text"], "annotations": []}
        return {"type": "input_text", "text": part["text"]}
    if kind == "refusal":
        return {"type": "refusal", "refusal": part["text"]}
    if kind == "image":
        url = part.get("url") or f"data:{part['mime']};base64,{part['data']}"
        return {"type": "input_image", "image_url": url, "detail": "auto"}
    if kind == "file":
        return {"type": "input_file", "filename": part["name"],
                "file_data": f"data:{part['mime']};base64,{part['data']}"}
    if kind == "audio":
        return {"type": "input_audio", "input_audio": {"data": part["data"], "format": part["kind"]}}
    raise Cannot(kind)


def items_out(messages):
    made = []
    for message in messages:
        role, said = message["role"], []
        for part in [*message["parts"], None]:
            aside = part and part["t"] in ("call", "result", "thought", "redacted")
            if said and (part is None or aside):
                one = {"type": "message", "role": role, "content": said}
                if role == "assistant":
                    one.update(id=f"msg_{len(made)}", status="completed")
                made.append(one)
                said = []
            if part is None:
                break
            if not aside:
                said.append(part_out(part, role))
            elif part["t"] == "call":
                made.append({"type": "function_call", "call_id": part["id"], "name": part["name"],
                             "arguments": part["args"]})
            elif part["t"] == "result":
                if part["error"]:
                    raise Cannot("an error of a tool")
                inner = part["parts"]
                plain = len(inner) == 1 and inner[0]["t"] == "text"
                made.append({"type": "function_call_output", "call_id": part["id"], "output":
                             inner[0]["text"] if plain else [part_out(p, "user") for p in inner]})
            elif part["t"] == "thought" and not part["sig"]:
                made.append({"type": "reasoning", "id": f"rs_{len(made)}", "summary": [
                    {"type": "summary_text", "text": part["text"]}]})
            else:
                raise Cannot("a foreign seal")
    return made


def request(q, model, stream):
    body = {"model": model, "input": items_out(q["messages"]), "store": False,
            "include": ["reasoning.encrypted_content"]}
    if len(q["system"]) == 1:
        body["instructions"] = q["system"][0]
    elif q["system"]:
        body["input"] = [{"role": "developer", "content": s} for s in q["system"]] + body["input"]
    if q.get("tools"):
        if any("cache" in t for t in q["tools"]):
            raise Cannot("cache")
        body["tools"] = [{"type": "function", "name": t["name"], "description": t["description"],
                          "parameters": t["schema"], "strict": t.get("strict", False)}
                         for t in q["tools"]]
    for name, member in {"max_tokens": "max_output_tokens", "temperature": "temperature",
                         "top_p": "top_p", "tier": "service_tier", "user": "user",
                         "metadata": "metadata", "parallel": "parallel_tool_calls"}.items():
        if name in q:
            body[member] = q[name]
    if "choice" in q:
        body["tool_choice"] = q["choice"] if isinstance(q["choice"], str) else {
            "type": "function", "name": q["choice"]["name"]}
    if "effort" in q:
        body["reasoning"] = {"effort": q["effort"], "summary": "auto"}
    if "schema" in q:
        body["text"] = {"format": {"type": "json_object"} if q["schema"] == "json" else {
            "type": "json_schema", "name": "out", "schema": q["schema"], "strict": True}}
    if "logprobs" in q:
        body["top_logprobs"] = q["logprobs"]
        body["include"].append("message.output_text.logprobs")
    if set(q) & {"stop", "seed", "n", "top_k", "budget"}:
        raise Cannot("no such member")
    if stream:
        body["stream"] = True
    return "/v1/responses", body


def append(body, native, messages):
    """`native`: the output items, given back as they came."""
    body["input"] = body["input"] + native + items_out(messages)


# ---- an engine reads it
def part_in(part, where):
    kind = part.get("type")
    if kind in ("input_text", "output_text"):
        take(part, where, ("annotations", "logprobs", "prompt_cache_breakpoint"), ("type", "text"))
        return nf.text(part["text"])
    if kind == "refusal":
        return nf.refusal(part["refusal"])
    if kind == "input_image":
        take(part, where, ("detail", "file_id"), ("type", "image_url"))
        url = part["image_url"]
        if not url.startswith("data:"):
            return nf.image_at(url)
        mime, data = url[5:].split(";base64,", 1)
        return nf.image(data, mime)
    if kind == "input_file":
        take(part, where, ("filename",), ("type", "file_data"))
        want(part["file_data"].startswith("data:"), f"{where}: file_data is no data URL")
        mime, data = part["file_data"][5:].split(";base64,", 1)
        return nf.file(data, mime, part.get("filename"))
    if kind == "input_audio":
        return nf.audio(part["input_audio"]["data"], part["input_audio"]["format"])
    raise Wrong(f"{where}: a part of type {kind!r}")


TOP = ("model", "input", "instructions", "tools", "tool_choice", "parallel_tool_calls",
       "max_output_tokens", "temperature", "top_p", "top_logprobs", "reasoning", "text", "include",
       "store", "service_tier", "user", "metadata", "stream", "stream_options", "safety_identifier",
       "prompt_cache_key", "truncation")


def content_in(content, where):
    if isinstance(content, str):
        return [nf.text(content)]
    return [part_in(p, where) for p in content]


def item_in(item, where, called):
    kind = item.get("type", "message")
    if kind == "message":
        take(item, where, ("type", "id", "status", "phase"), ("role", "content"))
        role = {"developer": "system"}.get(item["role"], item["role"])
        want(role in ("user", "assistant", "system"), f"{where}: role {role!r}")
        if role == "assistant" and not isinstance(item["content"], str):
            want(all(p["type"] in ("output_text", "refusal") for p in item["content"]),
                 f"{where}: an assistant's part is output_text or refusal")
        elif not isinstance(item["content"], str):
            want(all(p["type"].startswith("input_") for p in item["content"]),
                 f"{where}: a {role}'s part is input_*")
        return nf.say(role, *content_in(item["content"], where))
    if kind == "function_call":
        take(item, where, ("id", "status"), ("type", "call_id", "name", "arguments"))
        want(isinstance(item["arguments"], str), f"{where}: arguments are text")
        want(0 < len(item["call_id"]) <= 64, f"{where}: call_id of {len(item['call_id'])}")
        want(item["call_id"] not in called, f"{where}: the id {item['call_id']} twice")
        want(item.get("id", "fc_").startswith("fc"), f"{where}: item id {item.get('id')!r}")
        called[item["call_id"]] = item["name"]
        return nf.say("assistant", nf.call(item["call_id"], item["name"], item["arguments"]))
    if kind == "function_call_output":
        take(item, where, ("id", "status"), ("type", "call_id", "output"))
        want(item["call_id"] in called, f"{where}: a result of {item['call_id']!r}, not called")
        return nf.say("user", nf.result(item["call_id"], called.pop(item["call_id"]),
                                        *content_in(item["output"], where)))
    if kind == "reasoning":
        take(item, where, ("id", "content", "encrypted_content", "status"), ("type", "summary"))
        said = "".join(p["text"] for p in item["summary"] + (item.get("content") or []))
        return nf.say("assistant", nf.thought(said, item.get("encrypted_content")))
    raise Wrong(f"{where}: an item of type {kind!r}")


def read_request(body, path):
    want(path == "/v1/responses", f"asked at {path}")
    take(body, "the request", TOP, ("model", "input"))
    same(body.get("store"), False, "store")
    q = {"system": [], "messages": [], "model": body["model"], "stream": bool(body.get("stream"))}
    if body.get("instructions"):
        q["system"].append(body["instructions"])
    called = {}
    items = body["input"]
    items = [{"role": "user", "content": items}] if isinstance(items, str) else items
    for i, item in enumerate(items):
        message = item_in(item, f"input[{i}]", called)
        if message["role"] == "system" and not q["messages"]:
            q["system"] += [p["text"] for p in message["parts"]]
        else:
            q["messages"].append(message)
    for name, member in {"max_tokens": "max_output_tokens", "temperature": "temperature",
                         "top_p": "top_p", "tier": "service_tier", "user": "user",
                         "metadata": "metadata", "parallel": "parallel_tool_calls"}.items():
        if body.get(member) is not None:
            q[name] = body[member]
    chosen = body.get("tool_choice")
    if chosen is not None:
        q["choice"] = chosen if isinstance(chosen, str) else {"name": chosen["name"]}
    if (body.get("reasoning") or {}).get("effort"):
        q["effort"] = body["reasoning"]["effort"]
    form = (body.get("text") or {}).get("format")
    if form and form["type"] != "text":
        want(form["type"] == "json_object" or form.get("name"), "text.format needs a name")
        q["schema"] = "json" if form["type"] == "json_object" else form["schema"]
    if "message.output_text.logprobs" in (body.get("include") or []):
        q["logprobs"] = body.get("top_logprobs", 0)
    if body.get("tools"):
        q["tools"] = [tool_in(t, i) for i, t in enumerate(body["tools"])]
    return q


def tool_in(made, i):
    take(made, f"tools[{i}]", ("description", "parameters", "strict"), ("type", "name"))
    same(made["type"], "function", f"tools[{i}].type")
    want(plain_name(made["name"]), f"tools[{i}].name {made['name']!r}")
    # Left out, the API takes strict for true, and with it other schemas.
    want("strict" in made, f"tools[{i}]: without strict the API makes it strict")
    return {"name": made["name"], "description": made.get("description"),
            "schema": made.get("parameters"), **({"strict": True} if made["strict"] else {})}


# ---- an engine's answer
def usage_out(u):
    return {"input_tokens": u["input"], "output_tokens": u["output"],
            "total_tokens": u["input"] + u["output"],
            "input_tokens_details": {"cached_tokens": u["cached"],
                                     "cache_write_tokens": u["written"]},
            "output_tokens_details": {"reasoning_tokens": u["reasoning"]}}


def output_out(a):
    if "more" in a or a["finish"] == "sequence":
        raise Cannot("choices")
    made = []
    for i, part in enumerate(a["parts"]):
        kind = part["t"]
        if kind == "thought":
            summary = [{"type": "summary_text", "text": part["text"]}] if part["text"] else []
            made.append({"id": f"rs_{i}", "type": "reasoning", "summary": summary,
                         **({"encrypted_content": part["sig"]} if part["sig"] else {})})
        elif kind in ("text", "refusal"):
            inner = ({"type": "refusal", "refusal": part["text"]} if kind == "refusal" else
                     {"type": "output_text", "text": part["text"], "annotations": [],
                      "logprobs": (a.get("logprobs") or {}).get("content", [])})
            made.append({"id": f"msg_{i}", "type": "message", "role": "assistant",
                         "status": "completed", "content": [inner]})
        elif kind == "call":
            made.append({"id": f"fc_{i}", "type": "function_call", "call_id": part["id"],
                         "name": part["name"], "arguments": part["args"], "status": "completed"})
        else:
            raise Cannot(kind)
    return made


def response_out(a, model, output, status="completed"):
    reason = {"length": "max_output_tokens", "filter": "content_filter"}.get(a["finish"])
    if status == "completed" and reason:
        status = "incomplete"
    return {"id": "resp_1", "object": "response", "created_at": 1700000000, "status": status,
            "error": None, "incomplete_details": {"reason": reason} if status == "incomplete"
            else None, "instructions": None, "metadata": {}, "model": model, "output": output,
            "parallel_tool_calls": True, "temperature": 1.0, "top_p": 1.0, "tool_choice": "auto",
            "tools": [], "max_output_tokens": None, "previous_response_id": None, "store": False,
            "reasoning": {"effort": None, "summary": None}, "text": {"format": {"type": "text"}},
            "truncation": "disabled", "user": None,
            "usage": None if status == "in_progress" else usage_out(a["usage"])}


def answer(a, model):
    return response_out(a, model, output_out(a))


def error(status, text):
    kind = {400: "invalid_request_error", 401: "authentication_error", 429: "rate_limit_error",
            503: "server_error"}[status]
    return {"error": {"message": text, "type": kind, "param": None, "code": None}}


# ---- a client reads the answer
NEEDED = ("id", "object", "created_at", "status", "error", "incomplete_details", "instructions",
          "metadata", "model", "output", "parallel_tool_calls", "temperature", "top_p",
          "tool_choice", "tools", "usage")
MORE = ("completed_at", "frequency_penalty", "presence_penalty", "max_output_tokens", "background",
        "max_tool_calls", "previous_response_id", "prompt_cache_key", "reasoning", "service_tier",
        "store", "text", "top_logprobs", "truncation", "user", "safety_identifier", "output_text",
        "conversation", "prompt", "tool_usage")


def usage_in(u):
    take(u, "usage", (), ("input_tokens", "output_tokens", "total_tokens", "input_tokens_details",
                          "output_tokens_details"))
    same(u["total_tokens"], u["input_tokens"] + u["output_tokens"], "usage.total_tokens")
    given, out = u["input_tokens_details"], u["output_tokens_details"]
    want(isinstance(given.get("cached_tokens"), int), "cached_tokens (Codex fails without it)")
    want(isinstance(out.get("reasoning_tokens"), int), "reasoning_tokens (Codex fails without it)")
    return nf.usage(u["input_tokens"], u["output_tokens"], given["cached_tokens"],
                    given.get("cache_write_tokens") or 0, out["reasoning_tokens"])


def item_read(item, where):
    """A finished item of the output."""
    kind = item["type"]
    if kind == "reasoning":
        take(item, where, ("encrypted_content", "content", "status"), ("id", "type", "summary"))
        want(item["id"].startswith("rs"), f"{where}: id {item['id']!r}")
        said = "".join(p["text"] for p in item["summary"] + (item.get("content") or []))
        seal = item.get("encrypted_content")
        return [nf.thought(said, seal)] if said or not seal else [nf.redacted(seal)]
    want(item.get("status") in ("completed", "incomplete"), f"{where}: status {item.get('status')!r}")
    if kind == "message":
        take(item, where, ("phase",), ("id", "type", "role", "status", "content"))
        want(item["id"].startswith("msg"), f"{where}: id {item['id']!r}")
        parts = []
        for part in item["content"]:
            if part["type"] == "output_text":
                take(part, where, ("logprobs",), ("type", "text", "annotations"))
                parts.append(nf.text(part["text"]))
            else:
                same(part["type"], "refusal", f"{where}: a part's type")
                parts.append(nf.refusal(part["refusal"]))
        return parts
    same(kind, "function_call", f"{where}: type")
    take(item, where, (), ("id", "type", "status", "call_id", "name", "arguments"))
    want(item["id"].startswith("fc"), f"{where}: id {item['id']!r}")
    want(len(item["id"]) <= 64 and len(item["call_id"]) <= 64, f"{where}: an id is too long")
    nf.parsed(item["arguments"], where)
    return [nf.call(item["call_id"], item["name"], item["arguments"])]


def read_answer(value):
    take(value, "the response", MORE, NEEDED)
    same(value["object"], "response", "object")
    parts = [p for i, item in enumerate(value["output"]) for p in item_read(item, f"output[{i}]")]
    reason = (value["incomplete_details"] or {}).get("reason")
    want((value["status"] == "incomplete") == (reason is not None), f"status {value['status']}")
    want(value["status"] in ("completed", "incomplete"), f"status {value['status']!r}")
    want(value["error"] is None, f"error {value['error']}")
    finish = {"max_output_tokens": "length", "content_filter": "filter", None: "stop"}[reason]
    if finish == "stop" and any(p["t"] == "call" for p in parts):
        finish = "tool"
    got = {"parts": parts, "finish": finish, "usage": usage_in(value["usage"]),
           "model": value["model"]}
    logprobs = [x for i in value["output"] if i["type"] == "message" for p in i["content"]
                for x in p.get("logprobs") or []]
    if logprobs:
        got["logprobs"] = logprobs
    return got, value["output"]


def read_error(value):
    take(value, "the error", (), ("error",))
    inner = take(value["error"], "error", ("request_id", "decision", "retry_after"),
                 ("message", "type", "param", "code"))
    return inner["message"]


from responses_stream import read_stream, read_stream_error, stream, stream_error  # noqa: E402,F401
