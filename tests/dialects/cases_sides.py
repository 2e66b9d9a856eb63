"""cases_sides.py -- conversations that go on: what a client got, it gives back exactly, to the same
engine or to another one; and values that are masked on the way to the cloud."""
import base64
import json
import re

from cell import NAMES, SPEAKERS, Case
from engine import Step
from expect import check_answer, check_order
from normal import (answer, call, redacted, result, same, strings, text, thought, tool, user, want)

# As a vendor's: nobody but its maker can read it.
SIG = base64.b64encode(bytes(i * i * 7 + 11 * i & 255 for i in range(150))).decode()
SIGNERS = ["anthropic", "responses", "gemini", "openai"]
TOOLS = [tool()]
ASKED = {"system": ["be brief"], "messages": [user("think about it")], "tools": TOOLS,
         "max_tokens": 8000}
SIGNED_CALL = answer(thought("first I look", SIG), call("call_1", "look", {"q": "oslo"}))
SIGNED_TEXT = answer(thought("first I think", SIG), "So it is.")


NOT_BACK = "the signature is not back in its place with the thought that it signs"


def holds(body, sig):
    return any(sig in s for s in strings(body))


def own_place(engine, body, sig):
    """The signature stands where its maker gave it, and the thought it signs has the same bytes."""
    if engine == "anthropic":
        found = [b for m in body["messages"] if isinstance(m["content"], list) for b in m["content"]
                 if b["type"] == "thinking"]
        return [b["signature"] for b in found] == [sig] and found[0]["thinking"].startswith("first")
    if engine == "responses":
        found = [i for i in body["input"] if i.get("type") == "reasoning"]
        return [i.get("encrypted_content") for i in found] == [sig]
    if engine == "gemini":
        found = [p for c in body["contents"] for p in c["parts"] if "thoughtSignature" in p]
        return [p["thoughtSignature"] for p in found] == [sig] and not found[0].get("thought")
    found = [d for m in body["messages"] for d in m.get("reasoning_details") or []]
    return [d.get("data") for d in found] == [sig]


def next_turn(native_of, a):
    """What follows an answer: the results of its calls, or a word of the user's."""
    calls = [p for p in native_of["parts"] if p["t"] == "call"]
    said = [p for p in a["parts"] if p["t"] == "call"]
    return [user(*[result(p["id"] or s["id"], s["name"], "cold") for p, s in zip(calls, said)])
            if calls else user("go on")]


def signed(a, to_other):
    def run(cell):
        cell.can_say(a)
        q = cell.marked(ASKED)
        path, body = cell.body(q)
        first = cell.expects(Step(a))
        _, got, native = cell.finish(path, body, q, a, first, cell.engine)
        cell.speaker.append(body, native, next_turn(got, a))
        others = [n for n in NAMES if n != cell.engine and n in cell.engines] if to_other else [cell.engine]
        for engine in others:
            second = cell.expects(Step(answer("done")), engine)
            path, other = cell.body(q, engine)
            if "model" in body:
                other["model"], body["model"] = body["model"], other["model"]
            status, data = cell.ask(path, body)
            cell.read(status, data)
            second.read(SPEAKERS[engine])
            sent = json.loads(second.asked[2])
            if to_other:
                want(not holds(sent, SIG), f"the signature went to {engine}")
                raw = second.asked[2].decode()
                for seal in [p.get("sig") or p.get("data") for p in got["parts"]]:
                    want(not seal or not holds(sent, seal), f"weir's own seal went to {engine}")
                want("cold" in raw or "go on" in raw, "the turn is not there")
            elif "signatures" in cell.speaker.HAS:
                want(own_place(engine, sent, SIG), NOT_BACK)
        return "ok"
    return run


def redacted_back(cell):
    a = answer(redacted(SIG), "So.")
    q = cell.marked(ASKED)
    path, body = cell.body(q)
    _, _, native = cell.finish(path, body, q, a, cell.expects(Step(a)), cell.engine)
    cell.speaker.append(body, native, [user("go on")])
    second = cell.expects(Step(answer("done")))
    cell.read(*cell.ask(path, body))
    second.read(cell.engine_speaker)
    sent = json.loads(second.asked[2])
    if "signatures" in cell.speaker.HAS:
        found = [b for m in sent["messages"] if isinstance(m["content"], list) for b in m["content"]
                 if b["type"] == "redacted_thinking"]
        same(found, [{"type": "redacted_thinking", "data": SIG}], "redacted_thinking given back")
    return "ok"


def across(cell):
    """Four turns: anthropic, openai, gemini, and anthropic again, whose signature comes home."""
    if cell.engine != "anthropic":
        raise AssertionError("one column")
    turns = [("anthropic", answer(thought("first I look", SIG), "I look.",
                                  call("toolu_1", "look", {"q": "a"}))),
             ("openai", answer(call("functions.look:0", "look", {"q": "b"}))),
             ("gemini", answer(thought("hm"), call("g1", "look", {"q": "c"}, sig="Z2VtaW5p"))),
             ("anthropic", answer("done"))]
    q = cell.marked(ASKED)
    path, body = cell.body(q)
    sent = None
    for engine, a in turns:
        want(engine in cell.engines, f"no `speaks:` for {engine}")
        other_path, other = cell.body(q, engine)
        if "model" in body:
            body["model"] = other["model"]
        step = cell.expects(Step(a), engine)
        status, data = cell.ask(other_path, body)
        got, native = cell.read(status, data)
        check_answer(a, got, cell.client, engine, cell.speaker, SPEAKERS[engine])
        step.read(SPEAKERS[engine])
        sent = json.loads(step.asked[2])
        raw = json.dumps(sent)
        want(engine == "anthropic" or SIG not in raw, f"anthropic's signature went to {engine}")
        want(engine == "gemini" or "Z2VtaW5p" not in raw, f"gemini's signature went to {engine}")
        cell.speaker.append(body, native, next_turn(got, a))
    ids = [b["id"] for m in sent["messages"] if isinstance(m["content"], list)
           for b in m["content"] if b["type"] == "tool_use"]
    same(len(ids), 3, "the calls of the first three turns")
    if "call ids" in cell.speaker.HAS:
        same(ids[0], "toolu_1", "the id that anthropic gave")
    if "signatures" in cell.speaker.HAS:
        want(own_place("anthropic", sent, SIG), "anthropic's signature did not come home")
    return "ok"


MAIL = "maria.schmidt@gmail.com"
FRAME = re.compile(r"write to (\S+) today")


THREE = ("I think of {}, yes.", "To {}: hello", "<{}>")
AT_END = ("I think of {}", "To {}", "{}")


def masked(cell):
    """The engine sees a tag, and says it in each place; the client gets the value."""
    tags, said = [], cell.case.more.get("said", THREE)

    def say(data):
        found = {m for s in strings(json.loads(data)) for m in FRAME.findall(s)}
        same(len(found), 1, "what the engine was told to write to")
        tag = found.pop()
        tags.append(tag)
        return told(tag)

    def told(name):
        return answer(thought(said[0].format(name)), text(said[1].format(name)),
                      call("call_1", "look", {"q": said[2].format(name)}))
    q = cell.marked({**ASKED, "messages": [user(f"Please write to {MAIL} today, to Maria Schmidt.")]})
    path, body = cell.body(q)
    step = cell.expects(Step(say))
    status, data = cell.ask(path, body)
    want(step.asked, f"the engine was not asked: {status} {data[:300]!r}")
    want(MAIL.encode() not in step.asked[2], "the address left in clear")
    got, native = cell.read(status, data)
    want(tags and tags[0] != MAIL, "no tag")
    check_answer(told(MAIL), got, cell.client, cell.engine, cell.speaker, cell.engine_speaker)
    want(not holds(native, tags[0]), "a tag is left in what the client got")
    # The next turn gives it all back: it leaves masked again, with the same tag.
    cell.speaker.append(body, native, [user(*[result("call_1" if p["id"] is None else p["id"],
                                                    "look", f"sent to {MAIL}")
                                              for p in got["parts"] if p["t"] == "call"])])
    second = cell.expects(Step(answer("done")))
    cell.read(*cell.ask(path, body))
    second.read(cell.engine_speaker)
    want(MAIL.encode() not in second.asked[2], "the address left in clear with the next turn")
    want(tags[0].encode() in second.asked[2], "the next turn has another tag")
    return "ok"




def masked_signed(cell):
    """A signed thought with a tag in it: restored for the client, and back with the bytes that were
    signed."""
    tags = []

    def say(data):
        tags.append({m for s in strings(json.loads(data)) for m in FRAME.findall(s)}.pop())
        return answer(thought(f"first I think of {tags[0]}", SIG), call("call_1", "look", {"q": "a"}))
    q = cell.marked({**ASKED, "messages": [user(f"Please write to {MAIL} today.")]})
    path, body = cell.body(q)
    cell.expects(Step(say))
    got, native = cell.read(*cell.ask(path, body))
    want(tags and tags[0] != MAIL, f"no tag: {tags}")
    said = "".join(p["text"] for p in got["parts"] if p["t"] == "thought")
    same(said, f"first I think of {MAIL}", "the thought")
    check_order(answer(thought(""), call("", "", {})), got)
    cell.speaker.append(body, native, next_turn(got, answer(call("call_1", "look", {}))))
    second = cell.expects(Step(answer("done")))
    cell.read(*cell.ask(path, body))
    sent = json.loads(second.asked[2])
    want(MAIL not in json.dumps(sent), "the address left in clear with the next turn")
    want(own_place(cell.engine, sent, SIG), NOT_BACK)
    want(cell.engine == "gemini" or holds(sent, f"first I think of {tags[0]}"),
         "the thought is not what was signed")
    return "ok"


CASES = [
    Case("thinking-signed-back", run=signed(SIGNED_TEXT, False), engines=SIGNERS),
    Case("thinking-signed-call-back", run=signed(SIGNED_CALL, False), engines=SIGNERS),
    Case("thinking-signed-elsewhere", run=signed(SIGNED_TEXT, True), engines=SIGNERS),
    Case("thinking-signed-call-elsewhere", run=signed(SIGNED_CALL, True), engines=SIGNERS),
    Case("thinking-redacted-back", run=redacted_back, engines=["anthropic"]),
    Case("four-turns-three-engines", run=across, engines=["anthropic"]),
    Case("masked", run=masked, side="cloud"),
    Case("masked-at-end", run=masked, side="cloud", said=AT_END),
    Case("masked-signed", run=masked_signed, side="cloud", engines=SIGNERS,
         clients=["openai", "responses", "anthropic", "gemini"]),
]
