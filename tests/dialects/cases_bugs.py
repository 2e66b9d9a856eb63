"""cases_bugs.py -- forty bugs that translators between these dialects have had, by their number in
the list of docs/testing.md.  What a case shows stands in its comment."""
import json

import speak_openai
from cases_basic import CALL, PAIR, TOOLS, marks, pieces_of_tools
from cases_sides import SIGNED_CALL, SIGNERS, next_turn, signed
from cell import NAMES, SPEAKERS, Case
from engine import Step
from expect import check_answer
from normal import (answer, call, image, model_says, read_json, refusal, result, same, say,
                    text, thought, tool, usage, user, want)

HELLO = {"system": [], "messages": [user("hello")], "tools": TOOLS}
TRANSLATED = [n for n in NAMES if n != "openai"]
SIGNED_CLIENTS = ["openai", "responses", "anthropic", "gemini"]
LONG = "call_1__thought__" + "QUJD" * 233
REFS = json.dumps({"$ref": "#/$defs/a", "$defs": {"a": {"type": "object"}}})
MCP = tool("mcp__files__read", {"$schema": "http://json-schema.org/draft-07/schema#",
           "type": "object", "additionalProperties": False, "properties": {
               "paths": {"type": "array"}, "mode": {"const": "r"},
               "limit": {"anyOf": [{"type": "integer"}, {"type": "null"}]}}})


def begun(at, ident, name, args="", **more):
    return {"tool_calls": [{"index": at, "id": ident, "type": "function",
                            "function": {"name": name, "arguments": args}}]}, more


def tail(at, args):
    return {"tool_calls": [{"index": at, "function": {"arguments": args}}]}, {}


# OpenAI's deltas in orders that are allowed there and nowhere else.
INTERLEAVED = {**PAIR, "openai deltas": [
    begun(0, "call_1", "look"), begun(1, "call_2", "find"), tail(0, '{"q":'), tail(1, '{"q": "b",'),
    tail(0, ' "a"}'), tail(1, ' "n": 2}')]}
ALL_AT_ONCE = {**PAIR, "openai deltas": [
    begun(0, "call_1", "look", '{"q": "a"}'), begun(1, "call_2", "find", '{"q": "b", "n": 2}')]}
TAIL_AFTER_TEXT = {**answer("I look.", call("call_1", "look", {"q": "a"})), "openai deltas": [
    begun(0, "call_1", "look", '{"q"'), ({"content": "I look."}, {}), tail(0, ': "a"}')]}
REPEATED = {**CALL, "openai deltas": [
    begun(0, "call_1", "look", '{"q":'), begun(0, "call_1", "look", ' "os'),
    begun(0, "call_1", "look", 'lo"}')]}


def first_is_thought(cell, asked, got, native, body):
    same([p["t"] for p in got["parts"]], ["thought", "text"], "the parts in order")


def as_string(cell, asked, got, native, body):
    found = [p["functionResponse"]["response"] for c in body["contents"] for p in c["parts"]
             if "functionResponse" in p]
    same([r.get("output") for r in found], [REFS], "the result, as a string in output")


def schema_of_gemini(cell, asked, got, native, body):
    for one in body["tools"][0]["functionDeclarations"]:
        if "parameters" in one:
            raw = json.dumps(one["parameters"])
            for word in ("$schema", "additionalProperties", '"const"', '"null"'):
                want(word not in raw, f"{word} in parameters, which Gemini refuses")


def no_usage(cell):
    """8. An engine that counts nothing: all members are there, as zeros or an estimate."""
    path, body = cell.body(cell.marked(HELLO))
    a = answer("ok")
    if cell.is_stream:
        raw = b"".join(f for f in speak_openai.stream(a, "m") if b'"usage"' not in f)
    else:
        raw = json.dumps({k: v for k, v in speak_openai.answer(a, "m").items() if k != "usage"}).encode()
    cell.expects(Step(raw=raw))
    got, _ = cell.read(*cell.ask(path, body))
    same([p["text"] for p in got["parts"]], ["ok"], "text")
    return "ok"


def last_usage(cell):
    """19. The finish has a first count, a later chunk the whole one: that counts."""
    path, body = cell.body(cell.marked(HELLO))
    a = answer("ok", usage=usage(100, 5, cached=60))
    frames = list(speak_openai.stream(a, "m"))
    early = speak_openai.chunk("m", {}, "stop")
    early["usage"] = {"prompt_tokens": 100, "completion_tokens": 5, "total_tokens": 105}
    at = len(frames) - 3
    frames[at] = speak_openai.frame(early)
    cell.expects(Step(raw=b"".join(frames)))
    got, _ = cell.read(*cell.ask(path, body))
    if "cached" in cell.speaker.HAS:
        same(got["usage"]["cached"], 60, "cached tokens")
    return "ok"


def last_fragment(cell):
    """21. The last fragment of the arguments stands in the chunk with finish_reason."""
    path, body = cell.body(cell.marked(HELLO))
    frames = list(speak_openai.stream(answer(call("call_1", "look", "", pieces=['{"q": ']),
                                             finish="tool"), "m"))
    frames[-3] = speak_openai.frame(speak_openai.chunk("m", tail(0, '"oslo"}')[0], "tool_calls"))
    cell.expects(Step(raw=b"".join(frames)))
    got, _ = cell.read(*cell.ask(path, body))
    check_answer(CALL, got, cell.client, "openai", cell.speaker, speak_openai)
    return "ok"


def odd_ids(cell):
    """17. Ids that Anthropic refuses come to its clients in its charset, and back to each engine."""
    said = answer(call("functions.look:0", "look", {"q": "a"}), call("functions.look:1", "look", {"q": "b"}))
    q = cell.marked(HELLO)
    path, body = cell.body(q)
    _, got, native = cell.finish(path, body, q, said, cell.expects(Step(said)), cell.engine)
    if cell.client == "anthropic":
        for part in got["parts"]:
            ident = part["id"]
            want(ident.isascii() and ident.replace("_", "a").replace("-", "a").isalnum(), ident)
    cell.speaker.append(body, native, next_turn(got, said))
    want("anthropic" in cell.engines, "no `speaks:` for anthropic")
    for engine in ("openai", "anthropic"):
        step = cell.expects(Step(answer("done")), engine)
        other_path, other = cell.body(q, engine)
        if "model" in body:
            body["model"] = other["model"]
        cell.read(*cell.ask(other_path, body))
        step.read(SPEAKERS[engine])     # the reader pairs results and calls, and checks ids
    return "ok"


def models_of_codex(cell):
    """11. Codex wants `models`, OpenAI's SDK `data`, Anthropic's has_more: one page for all."""
    import http.client
    wire = http.client.HTTPConnection("127.0.0.1", cell.world().port, timeout=30)
    wire.request("GET", "/v1/models?client_version=0.171.0")
    got = wire.getresponse()
    value = read_json(got.read(), "/v1/models")
    same(got.status, 200, "status")
    want(isinstance(value.get("models"), list) and value["models"], "no `models` for Codex")
    want(all("slug" in m and "supported_reasoning_levels" in m for m in value["models"]), "a model "
         "without slug or supported_reasoning_levels")
    same((value.get("object"), value.get("has_more")), ("list", False), "object and has_more")
    want(all(m.get("type") == "model" and m.get("object") == "model" for m in value["data"]), "data")
    return "ok"


PATCH = {"type": "custom", "name": "apply_patch", "description": "d",
         "format": {"type": "grammar", "syntax": "lark", "definition": "start: /.+/"}}


def custom_tool(cell):
    """30. A tool that takes any text is a function of one string elsewhere, and comes back as
    the custom call that the client declared."""
    q = cell.marked({**HELLO, "tools": []})
    path, body = cell.body(q)
    body.update(tools=[PATCH], tool_choice="auto" if cell.engine == "ollama" else "required")
    patch = "*** Begin Patch\n+é \"quoted\"\n"
    step = cell.expects(Step(answer(call("call_1", "apply_patch", {"input": patch}))))
    status, data = cell.ask(path, body)
    same(status, 200, f"status ({data[:300]!r})")
    asked = step.read(cell.engine_speaker)
    same([t["name"] for t in asked["tools"]], ["apply_patch"], "tools")
    want("input" in json.dumps(asked["tools"][0]["schema"]), "no place for the text")
    raw = json.loads(data) if not cell.is_stream else last_response(data)
    same([(i["type"], i.get("name"), i.get("input")) for i in raw["output"]],
         [("custom_tool_call", "apply_patch", patch)], "the output")
    return "ok"


def last_response(data):
    line = [line for line in data.split(b"\n") if line.startswith(b"data: {")][-1]
    return json.loads(line[6:])["response"]


def codex_request(cell):
    """31. Codex: namespaces, its own tools, results as arrays."""
    path, body = cell.body(cell.marked({**HELLO, "tools": []}))
    body["tools"] = [PATCH, {"type": "function", "name": "shell", "description": "d", "strict": False,
                             "parameters": {"type": "object", "properties": {}}},
                     {"type": "namespace", "name": "mcp__x", "description": "n", "tools": [
                         {"type": "function", "name": "read", "description": "r", "strict": False,
                          "parameters": {"type": "object", "properties": {}}}]},
                     {"type": "web_search"}]
    body.update(tool_choice="auto", parallel_tool_calls=False, reasoning=None, store=False,
                prompt_cache_key="k", instructions="be Codex")
    body["input"] += [
        {"type": "function_call", "call_id": "call_1", "name": "shell", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "call_1",
         "output": [{"type": "input_text", "text": "one"}, {"type": "input_text", "text": "two"}]}]
    step = cell.expects(Step(answer(call("call_2", "mcp__x__read", {}))))
    status, data = cell.ask(path, body)
    same(status, 200, f"status ({data[:400]!r})")
    asked = step.read(cell.engine_speaker)
    names = [t["name"] for t in asked["tools"]]
    want("shell" in names and "apply_patch" in names, f"tools {names}")
    want("web_search" in cell.headers.get("x-weir-lost", ""), "web_search dropped without a word")
    raw = json.loads(data) if not cell.is_stream else last_response(data)
    found = [i for i in raw["output"] if i["type"] == "function_call"]
    same([(i["name"], i.get("namespace")) for i in found], [("read", "mcp__x")],
         "the call, in its namespace")
    return "ok"


def ask(*messages, **more):
    return {"system": [], "messages": list(messages), "tools": TOOLS, **more}


def bug(number, q=None, a=None, **more):
    return Case(f"bug-{number:02}", q or HELLO, a or answer("ok"), **more)


def with_id(ident):
    return ask(user("look"), model_says(call(ident, "look", {"q": "a"})),
               user(result(ident, "look", "cold")))


THINK_TEXT = answer(thought("hm hm", size=2), "So it is.")
ALL_KINDS = answer(thought("A B", size=1), text("C D", size=1), call("call_1", "look", {"q": "E"}))
LATER = ask(user("hello"), model_says("hi"), say("system", "now in French"), user("again"))
CASES = [
    bug(1, a=THINK_TEXT, clients=["anthropic"], engines=["openai", "responses", "gemini", "ollama"],
        check=first_is_thought),
    bug(2, a=ALL_KINDS, engines=["openai", "responses", "gemini", "ollama"]),
    bug(3, a=answer(call("call_1", "look", {"q": "oslo"}, **{"done only": True})),
        engines=["responses"]),
    bug(4, a=PAIR, clients=["anthropic"], engines=["gemini", "ollama"]),
    bug(5, with_id(LONG), clients=["responses", "anthropic"], engines=["openai"]),
    bug(6, LATER, clients=["anthropic"]),
    bug(7, a=ALL_AT_ONCE, engines=["openai"], clients=TRANSLATED),
    bug(8, run=no_usage, engines=["openai"], clients=TRANSLATED),
    bug(9, run=signed(SIGNED_CALL, False), clients=["anthropic"], engines=["anthropic"]),
    bug(10, a=answer("I look.", call("call_1", "look", {"q": "a"})), clients=["responses"]),
    bug(11, run=models_of_codex, clients=["responses"], engines=["openai"], modes=["plain"]),
    bug(12, ask(user("look"), model_says(call("call_1", "look", {"q": "a"})),
                user(result("call_1", "look", REFS))), engines=["gemini"],
        clients=[n for n in NAMES if n != "gemini"], check=as_string),
    bug(13, ask(user("look"), tools=[MCP]), CALL | {"parts": [call("c1", "mcp__files__read", {})]},
        engines=["gemini"], clients=["openai", "responses", "anthropic"], check=schema_of_gemini),
    bug(14, a=PAIR, engines=["ollama"], clients=["openai"]),
    bug(15, a=ALL_KINDS, clients=["anthropic"], engines=["openai", "responses", "gemini", "ollama"]),
    bug(16, a=INTERLEAVED, engines=["openai"]),
    bug(17, run=odd_ids, engines=["openai"], clients=["openai", "responses", "anthropic"]),
    bug(18, run=signed(SIGNED_CALL, False), engines=["gemini"], clients=SIGNED_CLIENTS),
    bug(19, run=last_usage, engines=["openai"], clients=TRANSLATED, modes=["stream"]),
    bug(20, a=answer("ok", usage=usage(100, 5, cached=60, written=20))),
    bug(21, a=REPEATED, engines=["openai"], clients=TRANSLATED),
    Case("bug-21-finish", run=last_fragment, engines=["openai"], clients=NAMES, modes=["stream"]),
    bug(22, a=answer(thought("one"), "two", thought("three"), call("call_1", "look", {"q": "a"}),
                     call("call_2", "find", {"q": "b"})),
        engines=["openai", "responses", "ollama"], modes=["stream"]),
    bug(23, a=PAIR, clients=["openai"]),
    bug(24, clients=["openai"], a=CALL),
    bug(25, run=signed(SIGNED_CALL, False), engines=["openai"], clients=SIGNED_CLIENTS),
    bug(26, with_id("c" * 80), clients=["anthropic"], engines=["openai", "responses"]),
    bug(27, ask(user("hello"), say("system", "now in French"), user("again")),
        clients=["anthropic"]),
    bug(28, a=CALL, clients=["responses"], modes=["stream"]),
    bug(29, a=TAIL_AFTER_TEXT, engines=["openai"]),
    bug(30, run=custom_tool, clients=["responses"], engines=[n for n in NAMES if n != "responses"]),
    bug(31, run=codex_request, clients=["responses"], engines=[n for n in NAMES if n != "responses"]),
    bug(32, ask(user("look"), model_says(call("call_1", "look", {"q": "a"})),
                user(result("call_1", "look", "a picture", image()))), clients=["anthropic"]),
    bug(33, a=PAIR, clients=["openai", "ollama"], modes=["stream"]),
    bug(34, a=ALL_KINDS, clients=["responses"], modes=["stream"],
        engines=["openai", "gemini", "ollama"]),
    bug(35, a=PAIR, engines=["responses"], modes=["stream"]),
    bug(36, a=answer(call("call_1", "look", "", pieces=[])), engines=["openai", "anthropic",
        "responses"], clients=TRANSLATED, check=pieces_of_tools),
    bug(37, a=answer("Well", finish="filter"), clients=["anthropic"],
        engines=["openai", "responses", "gemini"]),
    bug(38, a=answer(refusal("I will not."), finish="refusal"), clients=["anthropic"],
        engines=["openai", "responses"]),
    bug(39, clients=["anthropic"], modes=["stream"]),
    bug(40, ask(user(text("long", cache=True), text("short")), tools=[tool(cache=True)]),
        clients=["anthropic"], engines=["anthropic"], check=marks),
]
