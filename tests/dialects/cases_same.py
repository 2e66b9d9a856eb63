"""cases_same.py -- the same dialect on both sides: the client's bytes reach the engine but for what
weir decides (the model, the stream's usage), and the engine's bytes reach the client."""
import json
import re

from cases_sides import next_turn
from cell import Case, NAMES
from engine import Step
from normal import answer, call, result, same, short, text, thought, tool, user, want

ASKED = {"system": ["be brief"], "messages": [user("hello")], "tools": [tool()], "max_tokens": 5000}
SAID = answer(thought("hm hm", "c2lnbmF0dXJl"), "Let me see.", call("call_1", "look", {"q": "oslo"}))
UNSIGNED = answer(thought("hm hm"), "Let me see.", call("call_1", "look", {"q": "oslo"}))


def odd(body):
    """The same request with members that nobody knows, odd blanks and escapes."""
    body = {"x_first": {"deep": [1.50, 1e2, "\u00e9", None]}, **body, "x_last": [{}], }
    raw = json.dumps(body, indent=3, ensure_ascii=True, separators=(" ,", " : "))
    return raw.replace("hello", "h\\u0065llo \\/ \\ud83d\\ude00").encode()


def request_bytes(cell):
    if cell.client != cell.engine:
        return "none"
    path, body = cell.body(cell.marked(ASKED))
    raw = odd(body)
    step = cell.expects(Step(answer("ok")))
    status, data = cell.ask(path, raw)
    cell.read(status, data)
    sent = step.asked[2]
    want(abs(len(sent) - len(raw)) < 100, f"{len(raw)} bytes became {len(sent)}")
    mine = [line for line in raw.split(b"\n") if b'"model"' not in line and b'"stream' not in line
            and b"include_usage" not in line]
    at = 0
    for line in mine:
        found = sent.find(line.strip(b" ,"), at)
        want(found >= 0, f"not the client's bytes: {line!r} is not in {short(sent.decode(), 1500)}")
        at = found
    return "ok"


def answer_bytes(cell):
    if cell.client != cell.engine:
        return "none"
    said = UNSIGNED if cell.client == "ollama" else SAID
    path, body = cell.body(cell.marked(ASKED))
    if cell.mode == "stream":
        frames = list(cell.engine_speaker.stream(said, "fake-model"))
        odd_frames = [with_unknown(cell.client, f) if i == 1 else f for i, f in enumerate(frames)]
        raw = b"".join(odd_frames)
    else:
        value = cell.engine_speaker.answer(said, "fake-model")
        raw = json.dumps({"x_unknown": [1.50, "\u00e9"], **value}, indent=2).encode()
    cell.expects(Step(raw=raw))
    status, data = cell.ask(path, body)
    same(status, 200, "status")
    if cell.mode == "plain":
        same(data.decode(), raw.decode(), "the answer's bytes")
        return "ok"
    same(without_comments(data).decode(), raw.decode(), "the stream's bytes")
    return "ok"


def with_unknown(client, frame):
    head, _, rest = frame.partition(b"{")
    return head + b'{ "x_unknown" : [1.50, "\\u00e9"], ' + rest


def without_comments(data):
    return b"".join(f + b"\n\n" for f in data.split(b"\n\n")[:-1] if not f.startswith(b":")) \
        if b"\n\n" in data else data


def builtin_tools(cell):
    """A vendor's own tool: passes to its vendor, and is named where it goes nowhere."""
    tools = {"anthropic": {"type": "web_search_20250305", "name": "web_search"},
             "responses": {"type": "web_search"}, "gemini": {"googleSearch": {}}}
    if cell.client not in tools:
        return "none"
    path, body = cell.body(cell.marked({**ASKED, "tools": [tool()]}))
    body["tools"] = body["tools"] + [tools[cell.client]]
    step = cell.expects(Step(answer("ok")))
    status, data = cell.ask(path, body)
    if cell.client == cell.engine:
        cell.read(status, data)
        want(json.dumps(tools[cell.client]) in json.dumps(json.loads(step.asked[2])), "the tool")
        return "ok"
    if status == 200:
        lost = cell.headers.get("x-weir-lost", "")
        want("tools" in lost or "search" in lost.lower(), f"dropped without a word: {lost!r}")
        return "ok"
    cell.refusal(status, data, ("web_search", "googleSearch", "tools"))
    return "refused"


def state(cell):
    """What names state at one vendor cannot be translated: refused by name."""
    members = {"responses": ("previous_response_id", "resp_0"), "anthropic": ("container", "c_1"),
               "gemini": ("cachedContent", "cachedContents/x")}
    if cell.client not in members or cell.client == cell.engine:
        return "none"
    name, value = members[cell.client]
    path, body = cell.body(cell.marked(ASKED))
    body[name] = value
    step = cell.expects(Step(answer("ok")))
    status, data = cell.ask(path, body)
    cell.refusal(status, data, (name,))
    want(step.asked is None, "refused, but the engine was asked")
    if cell.client == "responses":
        error = json.loads(data)["error"]
        same((error["param"], error["code"]), ("previous_response_id", "previous_response_not_found"),
             "param and code, by which clients send all of it again")
    return "refused"


def unknown_member(cell):
    """Translated, a member that nobody knows is not dropped without a word."""
    if cell.client == cell.engine:
        return "none"
    path, body = cell.body(cell.marked(ASKED))
    body["x_nobody_knows"] = {"a": 1}
    step = cell.expects(Step(answer("ok")))
    status, data = cell.ask(path, body)
    if status == 200:
        told = "x_nobody_knows" in cell.headers.get("x-weir-lost", "")
        want(told or b"x_nobody_knows" in step.asked[2], "dropped without a word")
        return "ok"
    cell.refusal(status, data, ("x_nobody_knows",))
    return "refused"


def beta(cell):
    """What Anthropic's clients say in their head changes what their body means: it goes with it."""
    path, body = cell.body(cell.marked(ASKED))
    head = {"anthropic-beta": "context-1m-2025-08-07,interleaved-thinking-2025-05-14",
            "anthropic-version": "2026-10-21"}
    step = cell.expects(Step(answer("ok")))
    cell.read(*cell.ask(path, body, **head))
    step.read(cell.engine_speaker)
    if cell.client == cell.engine:
        got = {name.lower(): value for name, value in step.asked[1].items()}
        same({name: got.get(name) for name in head}, head, "the fields")
    return "ok"


ODD_NAMES = {"gemini": "files.read:all", "anthropic": "read_" + "x" * 95, "openai": "files.read",
             "responses": "files/read", "ollama": 'Größe von "x": y'}
NAME_RULES = {"openai": r"[a-zA-Z0-9_-]{1,64}", "responses": r"[a-zA-Z0-9_-]{1,64}",
              "anthropic": r"[a-zA-Z0-9_-]{1,128}", "gemini": r"[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}"}


def names_of_tools(cell):
    """Names that one vendor allows and another does not are mapped, there and back: of tools, of
    the one that must be called, of calls and results; in the next turn as in this one."""
    name = ODD_NAMES[cell.client]
    if cell.client == cell.engine:
        return "none"
    q = {**ASKED, "tools": [tool("look"), tool(name)]}
    if "ollama" not in (cell.client, cell.engine):
        q["choice"] = {"name": name}
    seen = []

    def say(data):
        asked = cell.engine_speaker.read_request(json.loads(data), cell.path)
        seen.append(asked["tools"][1]["name"])
        if isinstance(asked.get("choice"), dict):
            same(asked["choice"]["name"], seen[0], "the tool that must be called")
        return answer(call("call_1", seen[0], {"q": "a"}))
    path, body = cell.body(cell.marked(q))
    cell.path = {"openai": "/v1/chat/completions", "responses": "/v1/responses",
                 "anthropic": "/v1/messages", "gemini": "/v1beta/models/m:generateContent",
                 "ollama": "/api/chat"}[cell.engine]
    cell.expects(Step(say))
    got, native = cell.read(*cell.ask(path, body))
    same([p["name"] for p in got["parts"] if p["t"] == "call"], [name], "the name that came back")
    if cell.engine in NAME_RULES:
        want(re.fullmatch(NAME_RULES[cell.engine], seen[0]), f"the engine was told of {seen[0]!r}")
    cell.speaker.append(body, native, next_turn(got, answer(call("call_1", name, {}))))
    second = cell.expects(Step(answer("done")))
    cell.read(*cell.ask(path, body))
    asked = second.read(cell.engine_speaker)
    same([t["name"] for t in asked["tools"]], ["look", seen[0]], "tools of the next turn")
    same([p["name"] for m in asked["messages"] for p in m["parts"] if p["t"] in ("call", "result")],
         [seen[0]] * 2, "the call and its result")
    return "ok"


def orphan(cell):
    """A result of a call that nobody made: refused, or told as a text."""
    path, body = cell.body(cell.marked({**ASKED, "messages": [
        user("look"), user(result("call_9", "look", "left over")), user("go on")]}))
    if cell.client == cell.engine:
        return "none"
    step = cell.expects(Step(answer("ok")))
    status, data = cell.ask(path, body)
    if status == 400:
        cell.refusal(status, data, ("call_9", "tool_use_id", "tool_call_id", "call_id", "look",
                                    "messages[1]", "input[1]", "contents[1]"))
        return "refused"
    cell.read(status, data)
    want(b"left over" in step.asked[2], "the result is gone")
    if cell.engine not in ("openai", "ollama"):     # where templates of models take it
        step.read(cell.engine_speaker)
    return "ok"


def no_usage_asked(cell):
    """A stream of OpenAI's has counts only where its client asked for them."""
    path, body = cell.body(cell.marked(ASKED))
    del body["stream_options"]
    cell.expects(Step(answer("ok")))
    status, data = cell.ask(path, body)
    same(status, 200, "status")
    want(b'"choices":[]' not in data.replace(b" ", b""), "a chunk with usage, unasked")
    want(data.endswith(b"data: [DONE]\n\n"), "the end")
    return "ok"


CASES = [
    Case("same-request-bytes", run=request_bytes),
    Case("same-answer-bytes", run=answer_bytes),
    Case("builtin-tool", run=builtin_tools, clients=["responses", "anthropic", "gemini"]),
    Case("state", run=state, clients=["responses", "anthropic", "gemini"]),
    Case("tool-names", run=names_of_tools),
    Case("beta-header", run=beta, clients=["anthropic"]),
    Case("result-orphan", run=orphan),
    Case("usage-unasked", run=no_usage_asked, clients=["openai"], modes=["stream"]),
    Case("unknown-member", run=unknown_member, clients=NAMES),
]
