"""speak_gemini.py -- Gemini's generateContent, both sides, from the types of Google's SDK."""
import json

import normal as nf
import sse
from normal import Cannot, Wrong, same, take, want

NAME = "gemini"
SPEAKS = "gemini"
FINISH = {"stop": "STOP", "length": "MAX_TOKENS", "tool": "STOP", "filter": "SAFETY",
          "refusal": "SAFETY", "sequence": "STOP"}
HAS = {"signatures", "logprobs", "n", "cached", "reasoning"}


# ---- a client's request
def part_out(part, ids):
    kind = part["t"]
    if kind == "text":
        return {"text": part["text"]}
    if kind in ("image", "file"):
        if "url" in part:
            return {"fileData": {"fileUri": part["url"], "mimeType": "image/png"}}
        return {"inlineData": {"mimeType": part["mime"], "data": part["data"],
                               **({"displayName": part["name"]} if part.get("name") else {})}}
    if kind == "audio":
        return {"inlineData": {"mimeType": f"audio/{part['kind']}", "data": part["data"]}}
    if kind == "thought":
        one = {"text": part["text"], "thought": True}
        return {**one, "thoughtSignature": part["sig"]} if part["sig"] else one
    if kind == "call":
        one = {"functionCall": {"name": part["name"], "args": nf.parsed(part["args"], "call"),
                                **({"id": part["id"]} if ids else {})}}
        return {**one, "thoughtSignature": part["sig"]} if part.get("sig") else one
    if kind == "result":
        texts = [p["text"] for p in part["parts"] if p["t"] == "text"]
        made = {"name": part["name"], "response": {"error" if part["error"] else "output":
                                                   "\n".join(texts)}}
        media = [part_out(p, ids) for p in part["parts"] if p["t"] != "text"]
        return {"functionResponse": {**made, **({"id": part["id"]} if ids else {}),
                                     **({"parts": media} if media else {})}}
    raise Cannot(kind)


def contents_out(messages, ids):
    made = []
    for message in messages:
        if message["role"] == "system":
            raise Cannot("a later system message")
        parts = [part_out(p, ids) for p in message["parts"]]
        made.append({"role": {"assistant": "model"}.get(message["role"], "user"), "parts": parts})
    return made


def request(q, model, stream):
    body = {"contents": contents_out(q["messages"], q.get("ids", False))}
    if q["system"]:
        body["systemInstruction"] = {"parts": [{"text": s} for s in q["system"]]}
    if q.get("tools"):
        if any("strict" in t or "cache" in t for t in q["tools"]):
            raise Cannot("strict")
        body["tools"] = [{"functionDeclarations": [
            {"name": t["name"], "description": t["description"],
             **({"parametersJsonSchema": t["schema"]} if t["schema"] is not None else {})}
            for t in q["tools"]]}]
    if "choice" in q:
        mode = q["choice"] if isinstance(q["choice"], str) else "required"
        calling = {"mode": {"auto": "AUTO", "none": "NONE", "required": "ANY"}[mode]}
        if not isinstance(q["choice"], str):
            calling["allowedFunctionNames"] = [q["choice"]["name"]]
        body["toolConfig"] = {"functionCallingConfig": calling}
    config = {}
    for name, member in {"max_tokens": "maxOutputTokens", "temperature": "temperature",
                         "top_p": "topP", "top_k": "topK", "stop": "stopSequences",
                         "seed": "seed", "n": "candidateCount"}.items():
        if name in q:
            config[member] = q[name]
    if "logprobs" in q:
        config.update(responseLogprobs=True, logprobs=q["logprobs"])
    if "schema" in q:
        config["responseMimeType"] = "application/json"
        if q["schema"] != "json":
            config["responseJsonSchema"] = q["schema"]
    if "effort" in q:
        if q["effort"] not in ("minimal", "low", "medium", "high"):
            raise Cannot("effort")
        config["thinkingConfig"] = {"thinkingLevel": q["effort"].upper()}
    if "budget" in q:
        config["thinkingConfig"] = {"thinkingBudget": q["budget"]}
    # Without it there are no thoughts in the answer.
    config["thinkingConfig"] = {**config.get("thinkingConfig", {}), "includeThoughts": True}
    if "tier" in q:
        body["serviceTier"] = {"default": "standard"}.get(q["tier"], q["tier"])
    if set(q) & {"user", "metadata", "parallel"} or any(
            p.get("cache") for m in q["messages"] for p in m["parts"]):
        raise Cannot("no such member")
    if config:
        body["generationConfig"] = config
    verb = "streamGenerateContent?alt=sse" if stream else "generateContent"
    return f"/v1beta/models/{model}:{verb}", body


def append(body, native, messages):
    ids = any(p.get("functionCall", {}).get("id") for p in native["parts"])
    body["contents"] = body["contents"] + [native] + contents_out(messages, ids)


# ---- an engine reads it
def part_in(part, where):
    take(part, where, ("text", "thought", "thoughtSignature", "inlineData", "fileData",
                       "functionCall", "functionResponse"))
    if "text" in part:
        if part.get("thought"):
            return nf.thought(part["text"], part.get("thoughtSignature"))
        return nf.text(part["text"], **({"sig": part["thoughtSignature"]}
                                        if "thoughtSignature" in part else {}))
    if "inlineData" in part:
        inner = take(part["inlineData"], where, ("displayName",), ("mimeType", "data"))
        mime = inner["mimeType"]
        if mime.startswith("audio/"):
            return nf.audio(inner["data"], mime[6:])
        if mime.startswith("image/"):
            return nf.image(inner["data"], mime)
        return nf.file(inner["data"], mime, inner.get("displayName"))
    if "fileData" in part:
        return nf.image_at(part["fileData"]["fileUri"])
    if "functionCall" in part:
        inner = take(part["functionCall"], where, ("id", "args"), ("name",))
        want(isinstance(inner.get("args", {}), dict), f"{where}: args are no object")
        return nf.call(inner.get("id"), inner["name"], inner.get("args", {}),
                       sig=part.get("thoughtSignature"))
    if "functionResponse" in part:
        inner = take(part["functionResponse"], where, ("id", "parts"), ("name", "response"))
        want(isinstance(inner["response"], dict), f"{where}: response is no object")
        response = inner["response"]
        is_error = "error" in response
        said = response.get("error", response.get("output", response.get("result", response)))
        parts = [nf.text(said if isinstance(said, str) else json.dumps(said))] if said != {} else []
        parts += [part_in(p, where) for p in inner.get("parts", [])]
        return nf.result(inner.get("id"), inner["name"], *parts, error=is_error)
    raise Wrong(f"{where}: an empty part")


TOP = ("contents", "systemInstruction", "tools", "toolConfig", "generationConfig", "serviceTier",
       "safetySettings", "labels")
CONFIG = ("temperature", "topP", "topK", "candidateCount", "maxOutputTokens", "stopSequences",
          "seed", "presencePenalty", "frequencyPenalty", "responseLogprobs", "logprobs",
          "responseMimeType", "responseSchema", "responseJsonSchema", "thinkingConfig")


def read_request(body, path):
    want(path.startswith("/v1beta/models/"), f"asked at {path}")
    model, _, verb = path[len("/v1beta/models/"):].partition(":")
    want(verb in ("generateContent", "streamGenerateContent?alt=sse"), f"asked at {path}")
    take(body, "the request", TOP, ("contents",))
    system = [p["text"] for p in (body.get("systemInstruction") or {"parts": []})["parts"]]
    q = {"system": system, "messages": [], "model": model, "stream": verb != "generateContent"}
    last, called, after_results = None, [], False
    want(body["contents"], "contents must not be empty")
    for i, content in enumerate(body["contents"]):
        where = f"contents[{i}]"
        take(content, where, (), ("role", "parts"))
        want(content["role"] in ("user", "model"), f"{where}: role {content['role']!r}")
        want(content["parts"], f"{where}: no parts")
        parts = [part_in(p, where) for p in content["parts"]]
        # Results stand alone: what the user says besides follows them.
        want(content["role"] != last or (after_results and last == "user"),
             f"{where}: roles must alternate")
        last = content["role"]
        results = [p for p in parts if p["t"] == "result"]
        after_results = results == parts
        if called or results:
            same([p["name"] for p in results], called, f"{where}: the results of the calls before")
            want(parts[:len(results)] == results, f"{where}: results stand before all else")
        called = [p["name"] for p in parts if p["t"] == "call"]
        q["messages"].append(nf.say("assistant" if last == "model" else "user", *parts))
    want(body["contents"][0]["role"] == "user", "the first content is the user's")
    config = take(body.get("generationConfig") or {}, "generationConfig", CONFIG)
    for name, member in {"max_tokens": "maxOutputTokens", "temperature": "temperature",
                         "top_p": "topP", "top_k": "topK", "stop": "stopSequences",
                         "seed": "seed", "n": "candidateCount"}.items():
        if config.get(member) is not None:
            q[name] = config[member]
    if config.get("responseLogprobs"):
        q["logprobs"] = config.get("logprobs", 0)
    if config.get("responseMimeType") == "application/json":
        q["schema"] = config.get("responseJsonSchema") or config.get("responseSchema") or "json"
    thinking = take(config.get("thinkingConfig") or {}, "thinkingConfig",
                    ("thinkingLevel", "thinkingBudget", "includeThoughts"))
    want(len({"thinkingLevel", "thinkingBudget"} & set(thinking)) < 2, "level and budget together")
    if "thinkingLevel" in thinking:
        q["effort"] = thinking["thinkingLevel"].lower()
    if "thinkingBudget" in thinking:
        q["budget"] = thinking["thinkingBudget"]
    if "serviceTier" in body:
        q["tier"] = {"standard": "default"}.get(body["serviceTier"], body["serviceTier"])
    calling = (body.get("toolConfig") or {}).get("functionCallingConfig")
    if calling:
        q["choice"] = {"AUTO": "auto", "NONE": "none", "ANY": "required"}[calling["mode"]]
        if calling.get("allowedFunctionNames"):
            q["choice"] = {"name": calling["allowedFunctionNames"][0]}
    made = [d for t in body.get("tools") or [] for d in
            take(t, "tools", (), ("functionDeclarations",))["functionDeclarations"]]
    if made:
        q["tools"] = [{"name": d["name"], "description": d.get("description"),
                       "schema": d.get("parametersJsonSchema") or d.get("parameters")} for d in made]
    return q


# ---- an engine's answer
def usage_out(u):
    made = {"promptTokenCount": u["input"], "candidatesTokenCount": u["output"] - u["reasoning"],
            "totalTokenCount": u["input"] + u["output"]}
    if u["cached"]:
        made["cachedContentTokenCount"] = u["cached"]
    if u["reasoning"]:
        made["thoughtsTokenCount"] = u["reasoning"]
    return made


def parts_made(parts, is_stream):
    """Google signs not the thought, but the first call after it or the last part of the text."""
    made, sig = [], None
    calls = 0
    for i, part in enumerate(parts):
        last_text = part["t"] == "text" and all(p["t"] != "text" for p in parts[i + 1:])
        if part["t"] == "thought":
            sig = part["sig"] or sig
            made += [{"text": p, "thought": True} for p in
                     (nf.fragments(part) if is_stream else [part["text"]])]
        elif part["t"] == "text":
            has_calls = any(p["t"] == "call" for p in parts)
            made += [{"text": p} for p in (nf.fragments(part) if is_stream else [part["text"]])]
            if sig and last_text and not has_calls:
                if is_stream:
                    made.append({"text": "", "thoughtSignature": sig})
                else:
                    made[-1]["thoughtSignature"] = sig
        elif part["t"] == "call":
            calls += 1
            one = {"functionCall": {"name": part["name"], "args": nf.parsed(part["args"], "call")}}
            if "(broken)" in one["functionCall"]["args"]:
                raise Cannot("broken arguments")
            if part.get("with id"):
                one["functionCall"]["id"] = part["id"]
            if part.get("sig") or (sig and calls == 1):
                one["thoughtSignature"] = part.get("sig") or sig
            made.append(one)
        else:
            raise Cannot(part["t"])
    return made


def whole(a, model, candidates, used):
    return {"candidates": candidates, "usageMetadata": used, "modelVersion": model,
            "responseId": "resp-1"}


def answer(a, model):
    if a["finish"] == "sequence" or a.get("logprobs"):
        raise Cannot("the sequence that matched")
    made = [{"content": {"role": "model", "parts": parts_made(parts, False)}, "index": i,
             "finishReason": FINISH[a["finish"]]}
            for i, parts in enumerate([a["parts"]] + a.get("more", []))]
    return whole(a, model, made, usage_out(a["usage"]))


def frame(value):
    return b"data: " + json.dumps(value, ensure_ascii=False).encode() + b"\n\n"


def stream(a, model):
    if a["finish"] == "sequence" or a.get("logprobs"):
        raise Cannot("the sequence that matched")
    used = {k: v for k, v in usage_out(a["usage"]).items() if k != "candidatesTokenCount"}
    used["totalTokenCount"] = a["usage"]["input"]
    for i, parts in enumerate([a["parts"]] + a.get("more", [])):
        for part in parts_made(parts, True):
            yield frame(whole(a, model, [{"content": {"role": "model", "parts": [part]},
                                          "index": i}], used))
        last = [{"content": {"role": "model", "parts": [{"text": ""}]}, "index": i,
                 "finishReason": FINISH[a["finish"]]}]
        yield frame(whole(a, model, last, usage_out(a["usage"])))


STATUS = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 429: "RESOURCE_EXHAUSTED",
          503: "UNAVAILABLE"}


def error(status, text):
    return {"error": {"code": status, "message": text, "status": STATUS[status]}}


def stream_error(text, _=0):
    return frame({"error": {"code": 503, "message": text, "status": "UNAVAILABLE"}})


# ---- a client reads the answer
def usage_in(u):
    want(isinstance(u.get("promptTokenCount"), int), f"promptTokenCount in {u}")
    thoughts = u.get("thoughtsTokenCount", 0)
    out = u.get("candidatesTokenCount", 0) + thoughts
    same(u.get("totalTokenCount"), u["promptTokenCount"] + out + u.get("toolUsePromptTokenCount", 0),
         "totalTokenCount")
    return nf.usage(u["promptTokenCount"], out, u.get("cachedContentTokenCount", 0), 0, thoughts)


def joined(parts):
    made = []
    for part in parts:
        last = made[-1] if made else None
        if (last and part["t"] == last["t"] and part["t"] in ("text", "thought")
                and not last.get("sig")):
            last["text"] += part["text"]
            if part.get("sig"):
                last["sig"] = part["sig"]
        else:
            made.append(dict(part))
    return [p for p in made if p["t"] not in ("text", "thought") or p["text"] or p.get("sig")]


ENDS = {"STOP": "stop", "MAX_TOKENS": "length", "SAFETY": "filter", "PROHIBITED_CONTENT": "filter",
        "BLOCKLIST": "filter", "RECITATION": "filter"}


def read_chunks(values):
    candidates, used, model = {}, None, None
    for i, value in enumerate(values):
        want("error" not in value, f"an error: {nf.short(value)}")
        take(value, f"chunk {i}", ("candidates", "usageMetadata", "modelVersion", "responseId",
                                   "promptFeedback", "createTime"))
        used = value.get("usageMetadata", used)
        model = value.get("modelVersion", model)
        for one in value.get("candidates", []):
            take(one, "a candidate", ("content", "finishReason", "index", "safetyRatings",
                                      "avgLogprobs", "logprobsResult", "finishMessage"))
            at = candidates.setdefault(one.get("index", 0), {"parts": [], "native": [], "end": None})
            content = one.get("content", {"parts": []})
            want(content.get("role", "model") == "model", f"role {content.get('role')!r}")
            for part in content.get("parts", []):
                at["parts"].append(part_in(part, f"chunk {i}"))
                at["native"].append(part)
            want(at["end"] is None or not any(p.get("text") or "functionCall" in p for p in
                                              content.get("parts", [])), "parts after finishReason")
            at["end"] = one.get("finishReason", at["end"])
            at["logprobs"] = one.get("logprobsResult", at.get("logprobs"))
    want(candidates, "no candidate")
    for at in candidates.values():
        want(at["end"] in ENDS, f"finishReason {at['end']!r}")
    first = candidates[0]
    parts = joined(first["parts"])
    finish = ENDS[first["end"]]
    if finish == "stop" and any(p["t"] == "call" for p in parts):
        finish = "tool"
    got = {"parts": parts, "finish": finish, "model": model,
           "usage": usage_in(used) if used else nf.usage(0, 0)}
    if len(candidates) > 1:
        got["more"] = [joined(c["parts"]) for i, c in sorted(candidates.items()) if i]
    if first.get("logprobs"):
        got["logprobs"] = first["logprobs"]
    return got, {"role": "model", "parts": [p for p in first["native"] if p != {"text": ""}]}


def read_answer(value):
    return read_chunks([value])


def read_stream(data):
    found = sse.frames(data)
    for event, line in found:
        want(event is None, f"an event named {event!r}")
        want(line != "[DONE]", "[DONE], on which Google's SDK fails")
    return read_chunks([nf.read_json(line, "a chunk") for _, line in found])


def read_error(value):
    take(value, "the error", (), ("error",))
    inner = take(value["error"], "error", ("details",), ("code", "message", "status"))
    want(isinstance(inner["code"], int), f"error.code {inner['code']!r}")
    return inner["message"]


def read_stream_error(data):
    values = [nf.read_json(line, "a chunk") for _, line in sse.frames(data)]
    same([i for i, v in enumerate(values) if "error" in v], [len(values) - 1], "place of the error")
    want(not any(c.get("finishReason") for v in values for c in v.get("candidates", [])),
         "finishReason though it failed")
    return read_error(values[-1])
