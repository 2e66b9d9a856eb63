"""cases_arguments.py -- a model's arguments that are no JSON object, by docs/mapping.md: dialects whose
arguments are a text have them as they were written; where they are an object they are in one."""
import json

from cell import NAMES, Case
from engine import Step
from normal import answer, call, same, tool, user, want

ASKED = {"system": [], "messages": [user("hello")], "tools": [tool()]}
AS_TEXT = ("openai", "responses")
BROKEN = {"cut": '{"q": "osl', "word": "not json", "array": "[1]", "string": '"x"', "null": "null",
          "two": '{"q":1}{"b":2}', "tail": '{"q":1} x', "late-array": "  [1, 2]"}
# Of an object that had begun an Anthropic stream has told the beginning by then.
BEGUN = ("cut", "two", "tail")


def arguments(name, finish):
    def run(cell):
        said = BROKEN[name]
        a = answer(call("call_1", "look", said, pieces=[said[:3], said[3:]]), finish=finish)
        if cell.client == cell.engine:
            return "none"           # the engine's bytes pass
        if (cell.engine, cell.mode, name) != ("anthropic", "stream", "cut"):
            cell.can_say(a)
        path, body = cell.body(cell.marked(ASKED))
        cell.expects(Step(a))
        got, _ = cell.read(*cell.ask(path, body))
        same(got["finish"], finish, "finish")
        calls = [p for p in got["parts"] if p["t"] == "call"]
        same(len(calls), 1, "calls")
        told = calls[0]["args"]
        if cell.client in AS_TEXT:
            same(told, said, "the arguments")
        elif cell.client == "anthropic" and cell.is_stream and name in BEGUN:
            want(said in json.loads(told).get("(broken)", ""), f"the arguments: {told}")
        else:
            same(json.loads(told), {"text": said}, "the arguments")
        return "ok"
    return run


def none_at_all(cell):
    a = answer(call("call_1", "look", ""))
    if cell.client == cell.engine:
        return "none"
    cell.can_say(a)
    path, body = cell.body(cell.marked(ASKED))
    cell.expects(Step(a))
    got, _ = cell.read(*cell.ask(path, body))
    same([p["args"] for p in got["parts"] if p["t"] == "call"], ["{}"], "the arguments")
    return "ok"


# The others' arguments are an object; an Anthropic stream may be cut.
ENGINES = ["openai", "responses"]
CASES = [
    *[Case(f"args-{name}-{finish}", run=arguments(name, finish), engines=ENGINES)
      for name in BROKEN for finish in ("tool", "length")],
    Case("args-cut-anthropic", run=arguments("cut", "length"), engines=["anthropic"], modes=("stream",)),
    Case("args-none", run=none_at_all, engines=NAMES),
]
