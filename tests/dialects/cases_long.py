"""cases_long.py -- an agent's conversation of fifty turns, with tools, in which every turn is answered
by another engine, local and cloud by turns.

The client gives back what it got, as an application does.  At each turn the engine must get all that
was said before, each call with its result, and of the signatures those that it made itself.  The
first words hold an address: cloud engines see a tag for it, always the same one."""
import base64
import copy
import json
import re

from cell import NAMES, SPEAKERS, Case
from engine import Step
from expect import check_answer, check_request
from normal import answer, call, model_says, read_json, result, same, strings, thought, tool, user, want

TURNS = 50
ORDER = ("openai", "anthropic", "ollama", "gemini", "openai", "responses", "anthropic")
SIDES = {"openai": "local", "ollama": "local", "anthropic": "cloud", "gemini": "cloud",
         "responses": "cloud"}
SIGNERS = ("anthropic", "responses", "gemini")
MAIL = "maria.schmidt@gmail.com"
FRAME = re.compile(r"write to (\S+) today")
# What weir tells a cloud engine about tags.
NOTE = re.compile("Words such as .* copy it exactly.")
# How the makers of engines name their calls; what others do not allow in an id is among them.
IDS = {"openai": "functions.look:{}", "anthropic": "toolu_01{}", "ollama": "call_{}", "gemini": "g{}",
       "responses": "call_r{}"}


def signature(turn):
    return base64.b64encode(bytes(i * i * 7 + 11 * turn & 255 for i in range(150))).decode()


def said(turn, engine):
    """What the engine answers: thoughts, texts and calls, not in every turn the same of them."""
    if turn == TURNS - 1:
        return answer("All is done.")
    parts = []
    if turn % 4 != 1:
        parts.append(thought(f"turn {turn}: I think of it",
                             signature(turn) if engine in SIGNERS else None, size=16))
    if turn % 3 != 2:
        parts.append({"t": "text", "text": f"Turn {turn}: I say something."})
    if turn % 7 != 6:
        for n in range(1 + (turn % 5 == 3)):
            name = IDS[engine].format(f"{turn}{'ab'[n]}")
            parts.append(call(name, "look", {"q": f"turn {turn}, call {n}"}))
    return answer(*(parts or ["I say no more."]))


def next_words(turn, got):
    """Results of the calls, or the user's next words."""
    calls = [p for p in got["parts"] if p["t"] == "call"]
    if not calls:
        return [user(f"go on after turn {turn}")]
    return [user(*[result(p["id"] or f"unnamed_{turn}_{n}", p["name"], f"result {turn}.{n}",
                          error=False) for n, p in enumerate(calls)])]


def joined(parts):
    """Without thoughts, and the pieces of one text as one."""
    made = []
    for part in parts:
        if part["t"] == "text" and made and made[-1]["t"] == "text":
            made[-1]["text"] += part["text"]
        elif part["t"] not in ("thought", "redacted"):
            made.append({k: v for k, v in part.items() if k != "sig"})
    return made


def without_thoughts(q):
    said = [{**m, "parts": joined(m["parts"])} for m in copy.deepcopy(q["messages"])]
    return {**q, "messages": [m for m in said if m["parts"]]}


class Talk:
    """One conversation: what was said so far, in the normal form, and by whom."""

    def __init__(self, cell):
        self.cell, self.tag, self.signed = cell, None, []
        self.q = cell.marked({"system": ["be brief"], "max_tokens": 8000, "tools": [tool()],
                              "messages": [user(f"Please write to {MAIL} today.")]})
        self.first = copy.deepcopy(self.q)
        _, self.body = cell.body(self.q)

    def unmasked(self, engine, data):
        """The engine's request with the address where its tag stood."""
        text = data.decode()
        if SIDES[engine] == "local":
            want(MAIL in text, "a local engine does not see the address")
            return text
        want(MAIL not in text, "the address left in clear")
        tags = {m for s in strings(json.loads(text)) for m in FRAME.findall(s)}
        same(len(tags), 1, "the tags of one address")
        self.tag = self.tag or tags.copy().pop()
        same(tags, {self.tag}, "the tag, after turns that others answered")
        return text.replace(self.tag, MAIL)

    def check_signatures(self, engine, text):
        """Those that this engine made, in their order, and nobody else's."""
        mine = [s for e, s in self.signed if e == engine]
        found = [s for _, s in self.signed if s in text]
        want(set(found) <= set(mine), f"signatures of others went to {engine}")
        if "signatures" in self.cell.speaker.HAS:
            same(len(found), len(mine), f"how many signatures came home to {engine}")
            places = [text.index(s) for s in mine]
            want(places == sorted(places), f"the order of the signatures of {engine}")

    def turn(self, number, engine):
        cell, a = self.cell, said(number, engine)
        path, other = cell.body(self.first, engine)
        if "model" in other:
            self.body["model"] = other["model"]
        step = cell.expects(Step(a), engine)
        status, data = cell.ask(path, self.body)
        got, native = cell.read(status, data)
        want(step.asked, f"turn {number}: {engine} was not asked")
        check_answer(a, got, cell.client, engine, cell.speaker, SPEAKERS[engine])
        text = self.unmasked(engine, step.asked[2])
        self.check_signatures(engine, text)
        asked = SPEAKERS[engine].read_request(read_json(text, "the request"), step.asked[0])
        asked["system"] = [NOTE.sub("", s).strip() for s in asked["system"]]
        check_request(without_thoughts(self.q), without_thoughts(asked), engine, cell.client)
        self.signed += [(engine, p["sig"]) for p in a["parts"] if p.get("sig")]
        after = next_words(number, got)
        cell.speaker.append(self.body, native, after)
        parts = joined(got["parts"])
        names = iter([p["id"] for p in after[0]["parts"] if p["t"] == "result"])
        for part in parts:
            if part["t"] == "call":
                part["id"] = next(names)
        self.q["messages"] += [model_says(*parts), *after]


def fifty(cell):
    talk = Talk(cell)
    for number in range(TURNS):
        engine = ORDER[number % len(ORDER)]
        try:
            talk.turn(number, engine)
        except AssertionError as fault:
            raise type(fault)(f"turn {number}, {engine}: {fault}") from None
    return "ok"


CASES = [Case("fifty-turns-changing-sides", run=fifty, engines=["anthropic"], side="both",
              sides=SIDES)]
assert set(ORDER) == set(NAMES)
