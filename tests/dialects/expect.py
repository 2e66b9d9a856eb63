"""expect.py -- what must arrive: at the engine of a request, at the client of an answer.

This is the field table of docs/mapping.md and of the dialects' own documentation, written down a
second time and apart from weir's code.  `refused()` says what has no place there: then weir must
refuse it by name."""
import copy
import json

import normal as nf
from normal import loose, same, want

# What has no place at an engine: (what, engine) -> words of which one must stand in the message.
REFUSED = {
    ("image url", "ollama"): ("image", "picture", "fileData"), ("file", "ollama"): ("file", "document", "inlineData"),
    ("audio", "anthropic"): ("audio", "sound"),
    ("n", "responses"): ("n", "candidateCount"), ("n", "anthropic"): ("n", "candidateCount"),
    ("n", "ollama"): ("n", "candidateCount"),
    ("logprobs", "anthropic"): ("logprobs", "responseLogprobs"),
    ("tier flex", "anthropic"): ("service_tier", "serviceTier"),
}
# What may be refused by name, or done in another way.
EITHER = {("image url", "gemini"), ("stop", "responses"), ("json", "anthropic"),
          ("tier flex", "ollama"), ("tier flex", "gemini"), ("tier flex", "openai"),
          ("tier flex", "responses"), ("top_k", "responses"), ("hot", "anthropic"),
          ("image in result", "ollama"), ("audio", "responses")}
WORDS = {"image url": ("image", "picture", "fileData"), "stop": ("stop",), "top_k": ("top_k", "topK"),
         "json": ("response_format", "format", "responseMimeType", "json_object"),
         "tier flex": ("service_tier", "serviceTier"), "hot": ("temperature",),
         "image in result": ("image",), "audio": ("audio", "sound")}
# What may be lost where the answer stays of the same kind: then x-weir-lost names it.
LOST = {"seed": {"anthropic", "responses"}, "user": {"gemini", "ollama"},
        "metadata": {"anthropic", "gemini", "ollama"}, "parallel": {"gemini", "ollama"},
        "strict": {"gemini", "ollama"}, "cache": {"openai", "responses", "gemini", "ollama"},
        "tier": {"ollama", "anthropic", "gemini"}, "temperature": {"responses", "anthropic"},
        "top_k": {"openai"}, "file name": {"gemini", "anthropic"}}


NAMED = {"parallel": "parallel_tool_calls", "strict": "tools.strict", "cache": "cache_control",
         "tier": "service_tier", "file name": "filename", "budget": "thinking_budget",
         "effort": "reasoning_effort"}


def check_named(q, got, engine, client, lost):
    """x-weir-lost names what of this request the engine has not read, and nothing else."""
    names = [name for name in lost.split(", ") if name]
    missing, may = set(), {"reasoning of earlier turns", "signatures of earlier turns"}
    for name in ("seed", "user", "metadata", "temperature", "top_k", "parallel"):
        if name in q and q[name] != got.get(name):
            missing.add(NAMED.get(name, name))
    for name in ("tier", "budget", "effort"):      # carried as another word, in part or not at all
        if q.get(name):
            may.add(NAMED[name])
    if q.get("tier", "default") != "default" and got.get("tier") != q["tier"]:
        missing.add("service_tier")
    if q.get("budget") and not got.get("budget") and engine in (
            "ollama", "responses", "openai"):
        missing.add("thinking_budget")
    if q.get("choice", "auto") not in ("auto", "none") and engine == "ollama":
        missing.add("tool_choice")      # it has none
    parts = [p for m in q["messages"] for p in m["parts"]]
    tools = q.get("tools", [])
    if any(t.get("strict") for t in tools) and not any(t.get("strict") for t in got["tools"]):
        missing.add("tools.strict")
    if engine in LOST["cache"] and any(p.get("cache") for p in parts + tools):
        missing.add("cache_control")
    if any(p["t"] == "file" and p.get("name") for p in parts):
        may.add("filename")
    if engine == "ollama" and q.get("choice", "auto") not in ("auto", "none"):
        missing.add("tool_choice")     # it cannot be told to call
    if client == engine:
        missing = set()
    want(missing <= set(names), f"lost, and not named: {sorted(missing - set(names))}")
    extra = set(names) - missing - may
    want(not extra, f"named as lost, though the engine has it or nobody said it: {sorted(extra)}")


def features(q):
    """The words of REFUSED that this request is about."""
    found = set()
    for message in q["messages"]:
        for part in message["parts"]:
            inner = part["parts"] if part["t"] == "result" else []
            for one in [part, *inner]:
                if one["t"] == "image":
                    found.add("image url" if "url" in one else "image")
                    if inner:
                        found.add("image in result")
                elif one["t"] == "file":
                    found.add("text file" if one["mime"] == "text/plain" else "file")
                elif one["t"] == "audio":
                    found.add("audio")
    for name in ("n", "logprobs", "stop", "top_k"):
        if name in q:
            found.add(name)
    if q.get("schema") == "json":
        found.add("json")
    if q.get("tier") == "flex":
        found.add("tier flex")
    if q.get("temperature", 0) > 1:
        found.add("hot")
    choice = q.get("choice")
    if choice and choice not in ("auto", "none"):
        found.add("choice required" if choice == "required" else "choice named")
    return found


def refused(q, engine, client):
    """(words, is it a must) or None: it is carried."""
    if client == engine or (q.get("tier") and {client, engine} == {"openai", "responses"}):
        return None     # its own bytes; one vendor's prices
    for feature in sorted(features(q)):
        if (feature, engine) in REFUSED:
            return REFUSED[(feature, engine)], True
    for feature in sorted(features(q)):
        if (feature, engine) in EITHER:
            return WORDS[feature], False
    return None


# ---- the request at the engine
def at_engine(q, engine, client):
    """What is said, as this engine can hear it; in its own dialect, as it is."""
    messages = copy.deepcopy(q["messages"])
    if client == engine:
        return heard({"messages": messages})
    made = []
    for message in messages:
        role, parts = message["role"], []
        after = []
        for part in message["parts"]:
            kind = part["t"]
            part.pop("cache", None)
            part.pop("size", None)
            if kind == "thought":
                if engine in ("anthropic", "responses") or (engine == "gemini"):
                    continue        # unsigned: its makers alone know it
                part["sig"] = None
            elif kind == "refusal":
                part["t"] = "text"
            elif kind == "redacted":
                continue
            elif kind == "file" and part["mime"] == "text/plain" and engine in ("anthropic",
                                                                               "ollama"):
                import base64
                part = nf.text(base64.b64decode(part["data"]).decode())
            elif kind == "result" and engine in ("openai", "ollama", "responses"):
                if part["error"]:
                    part["error"] = False
                    part["parts"] = [nf.text("Error: " + "\n".join(
                        p["text"] for p in part["parts"] if p["t"] == "text"))] + [
                        p for p in part["parts"] if p["t"] != "text"]
                if engine == "openai":
                    after += [p for p in part["parts"] if p["t"] != "text"]
                    part["parts"] = [p for p in part["parts"] if p["t"] == "text"]
            parts.append(part)
        made.append(nf.say(role, *parts))
        if after:
            made.append(nf.user(*after))
    return nf.flat(made)


def heard(q):
    """What an engine has read, with what is allowed to differ made the same."""
    messages = []
    for message in q["messages"]:
        parts = []
        for part in message["parts"]:
            if part["t"] == "refusal":
                part = nf.text(part["text"])
            elif part["t"] == "document":
                part = nf.text(part["text"])
            parts.append({k: v for k, v in part.items() if k not in ("cache", "sig", "size")})
        messages.append(nf.say(message["role"], *parts))
    return nf.flat(messages)


def check_messages(q, got, engine, client):
    expected, found = at_engine(q, engine, client), heard(got)
    want(loose("\n".join(got["system"])) == loose("\n".join(q["system"])),
         f"system: {got['system']} instead of {q['system']}")
    if any(i["role"] == "system" for i in expected):
        # A later system message keeps its place; where it must, it is said by the user.
        said = [i["text"] for i in expected if i["t"] == "text"]
        place = loose("\n".join(i["text"] for i in found if i["t"] == "text"))
        at = [place.find(text) for text in said]
        want(all(a >= 0 for a in at) and at == sorted(at),
             f"texts in their order: {nf.short(place)} has not {said}")
        return
    pairs = {}
    has_media_result = any(p["t"] == "result" and any(x["t"] != "text" for x in p["parts"])
                           for m in q["messages"] for p in m["parts"])
    if engine == "openai" != client and has_media_result:
        # The picture comes behind the results, in words that name the call.
        media = [i for i in found if i["t"] == "image"]
        want(media and media[0]["role"] == "user", "the result's picture is not there")
        same(media[0]["data"], nf.PNG, "the picture")
        return
    if "ollama" in (engine, client):
        # One text and its pictures: their order is not said there.
        found, expected = pictures_last(found), pictures_last(expected)
    if engine == "gemini":
        # Results stand there in the order of their calls.
        found, expected = ([*sorted((i for i in items if i["t"] == "result"), key=lambda i: (
            i["name"], i["parts"][0]["text"] if i["parts"] else "")),
            *(i for i in items if i["t"] != "result")] for items in (found, expected))
    same([(i["role"], i["t"]) for i in found], [(i["role"], i["t"]) for i in expected],
         "what is said, by whom")
    for at, (one, other) in enumerate(zip(found, expected)):
        for member in ("text", "data", "url", "args", "error"):
            if member in other:
                same(one.get(member), other[member], f"{other['t']} {at}: {member}")
        if other["t"] == "audio" and engine != "ollama":
            same(one["kind"], other["kind"], "kind of sound")
        if "mime" in other and engine != "ollama":
            same(one.get("mime"), other["mime"].replace("/jpg", "/jpeg"), "mime")
        if other["t"] in ("call", "result"):
            same(one["name"], other["name"], "name")
            if one.get("id") is not None:
                want(pairs.setdefault(other["id"], one["id"]) == one["id"],
                     f"the id of {other['id']} changes: {pairs[other['id']]} and {one['id']}")
        if other["t"] == "result":
            same(join_texts(one["parts"]), join_texts(other["parts"]), "the result's text")
            same([p.get("data") for p in one["parts"] if p["t"] != "text"],
                 [p.get("data") for p in other["parts"] if p["t"] != "text"], "its pictures")
    want(len(set(pairs.values())) == len(pairs), f"two calls have one id: {pairs}")


def pictures_last(items):
    """Within what one role says."""
    made, media = [], []
    for item in [*items, {"role": None, "t": None}]:
        if media and item["role"] != media[0]["role"]:
            made, media = made + media, []
        (media if item["t"] in ("image", "audio") else made).append(item)
    return made[:-1]


def join_texts(parts):
    return loose("\n".join(p["text"] for p in parts if p["t"] == "text"))


def check_tools(q, got, engine):
    tools = q.get("tools", [])
    if q.get("choice") == "none" and engine == "ollama":
        same(got.get("tools", []), [], "tools, though none may be called")
        return
    if isinstance(q.get("choice"), dict) and engine == "ollama":
        tools = [t for t in tools if t["name"] == q["choice"]["name"]]
    same([t["name"] for t in got.get("tools", [])], [t["name"] for t in tools], "names of tools")
    for one, other in zip(got.get("tools", []), tools):
        same(one["description"], other["description"], "description")
        if other["schema"]:
            same(one["schema"], other["schema"], "schema")
        else:
            want(one["schema"] in (None, {}, {"type": "object", "properties": {}},
                                   {"type": "object"}), f"schema {one['schema']}")
        if other.get("strict") and engine not in LOST["strict"]:
            same(one.get("strict"), True, "strict")
    choice = q.get("choice")
    if choice and engine != "ollama":
        same(got.get("choice", "auto"), choice, "tool_choice")
    if q.get("parallel") is False and engine not in LOST["parallel"]:
        same(got.get("parallel"), False, "one call at a time")


def check_params(q, got, engine):
    for name in ("max_tokens", "top_p", "stop", "seed", "n", "logprobs", "user", "metadata",
                 "temperature", "top_k", "schema"):
        if name in q and (name in got or engine not in LOST.get(name, ())):
            same(got.get(name), q[name], name)
    if "tier" in q and q["tier"] not in ("auto", "default"):
        if engine not in LOST["tier"] or "tier" in got:
            same(got.get("tier"), q["tier"], "service tier")
    if q.get("budget") or q.get("effort", "none") != "none":
        want(got.get("effort") or got.get("budget"), "nothing of the thinking that was asked for")
    if "effort" in q and "effort" in got and engine != "gemini":
        allowed = {q["effort"]} | ({"max"} if q["effort"] == "xhigh" else set()) | (
            {True} if engine == "ollama" else set())
        want(got["effort"] in allowed, f"effort {got['effort']} instead of {q['effort']}")
    if q.get("budget") and "budget" in got and engine in ("anthropic", "gemini"):
        same(got["budget"], q["budget"], "budget")
    if q.get("budget") == 0 or q.get("effort") == "none":
        want(got.get("budget") == 0 or got.get("effort") in ("none", "minimal"),
             f"thinking is not off: {got.get('budget')}, {got.get('effort')}")
    for name in ("stop", "seed", "n", "logprobs", "schema", "choice", "tier", "parallel", "user",
                 "metadata", "temperature", "top_p", "top_k"):
        want(name in q or got.get(name) in (None, "auto", 1, True),
             f"{name} is {got.get(name)!r}, which nobody asked for")


def check_request(q, got, engine, client):
    check_messages(q, got, engine, client)
    check_tools(q, got, engine)
    check_params(q, got, engine)


# ---- the answer at the client
def ends(finish, client, engine):
    """The words with which this client may read that end."""
    if finish == "sequence":
        told = client == "anthropic" and engine in ("anthropic", "openai")
        return {"sequence"} if told else {"stop"}
    if finish in ("refusal", "filter"):
        if client == "ollama":
            return {"stop"}
        return {"filter", "refusal"} | ({"stop"} if finish == "refusal" else set())
    return {finish}


def check_answer(a, got, client, engine, speaker, engine_speaker):
    want("openai deltas" in a or not got.get("overlap"), "an item begins within another")
    for kind in ("thought", "text", "refusal"):
        if kind == "refusal" and client not in ("openai", "responses"):
            continue
        said = "".join(p["text"] for p in a["parts"] if p["t"] == kind)
        read = "".join(p["text"] for p in got["parts"] if p["t"] == kind)
        if kind == "text" and client not in ("openai", "responses"):
            said += "".join(p["text"] for p in a["parts"] if p["t"] == "refusal")
        if kind == "refusal" and engine == "anthropic":
            continue    # it has no words of its own for one: it is a text
        if kind == "text" and engine == "anthropic" and client in ("openai", "responses"):
            said += "".join(p["text"] for p in a["parts"] if p["t"] == "refusal")
            read += "".join(p["text"] for p in got["parts"] if p["t"] == "refusal")
        same(read, said, f"the answer's {kind}")
    calls = [p for p in a["parts"] if p["t"] == "call"]
    read = [p for p in got["parts"] if p["t"] == "call"]
    same([p["name"] for p in read], [p["name"] for p in calls], "the calls")
    for one, other in zip(read, calls):
        check_args(one["args"], other["args"], f"arguments of {other['name']}")
    if "call ids" in speaker.HAS:
        ids = [p["id"] for p in read]
        want(all(ids) and len(set(ids)) == len(ids), f"ids of calls: {ids}")
        if "call ids" in engine_speaker.HAS and all(plain_id(p["id"]) for p in calls):
            same(ids, [p["id"] for p in calls], "ids of calls")
    check_order(a, got)
    signed = [p for p in a["parts"] if p["t"] == "redacted" or p.get("sig")]
    if signed and "signatures" in speaker.HAS and "signatures" in engine_speaker.HAS:
        want(any(p["t"] == "redacted" or p.get("sig") for p in got["parts"]),
             "no place holds what its maker wants back with the thought")
    want(got["finish"] in ends(a["finish"], client, engine), f"the end: {got['finish']!r} for "
         f"{a['finish']!r}")
    if got["finish"] == "sequence":
        same(got["sequence"], a["sequence"], "the sequence that matched")
    check_usage(a["usage"], got["usage"], speaker, engine_speaker)
    if a.get("logprobs") and "logprobs" in engine_speaker.HAS and client != "gemini":
        want("logprobs" in speaker.HAS and got.get("logprobs"), "the log probabilities")
    same(len(got.get("more", [])), len(a.get("more", [])), "further choices")


KINDS = {"thought": 0, "text": 1, "refusal": 1, "call": 2}


def check_order(a, got):
    """Thoughts, then texts, then calls, where they were said so."""
    said, read = ([KINDS[t] for t in kinds if t in KINDS] for kinds in (
        [p["t"] for p in a["parts"]], got.get("order") or [p["t"] for p in got["parts"]]))
    if said == sorted(said) and "openai deltas" not in a:
        want(read == sorted(read), f"the order of what was said: {[p['t'] for p in got['parts']]}")


def check_args(read, said, where):
    try:
        same(json.loads(read), json.loads(said) if said.strip() else {}, where)
    except ValueError:
        if "(broken)" not in read:
            want(read == said or said in list(nf.strings(json.loads(read))), f"{where}: {read}")


def plain_id(ident):
    return len(ident) <= 64 and ident.replace("_", "a").replace("-", "a").isalnum()


def check_usage(u, got, speaker, engine_speaker):
    same(got["input"], u["input"], "input tokens")
    same(got["output"], u["output"], "output tokens")
    for name in ("cached", "written", "reasoning"):
        if name in speaker.HAS and name in engine_speaker.HAS:
            same(got[name], u[name], f"{name} tokens")
