"""cases_halves.py -- an engine that cuts its stream in the middle of a character: in one event the
first half of a surrogate pair, in the next the second."""
from cell import NAMES, Case
from engine import Step
from normal import answer, same, text, thought, tool, user

ASKED = {"system": [], "messages": [user("hello")], "tools": [tool()]}
FIRST, SECOND = "QFIRSTQ", "QSECONDQ"
CUT = ["a b", "c " + FIRST, SECOND + " d", " e"]


def cut(cell, said):
    """The engine's frames, its stand-ins as the two escapes."""
    return b"".join(f.replace(FIRST.encode(), b"\\ud83d").replace(SECOND.encode(), b"\\ude00")
                    for f in cell.engine_speaker.stream(said, "fake-model"))


def one_character(what, parts, expected):
    def run(cell):
        if cell.client == cell.engine:
            return "none"           # the engine's bytes pass
        said = answer(*parts)
        cell.can_say(said)
        path, body = cell.body(cell.marked(ASKED))
        cell.expects(Step(raw=cut(cell, said)))
        got, _ = cell.read(*cell.ask(path, body))
        same("".join(p.get("text", "") for p in got["parts"] if p["t"] == what), expected, what)
        return "ok"
    return run


def joined(pieces):
    return "".join(pieces)


# Chat completions of a client of OpenAI's pass as they come: its reader joins them.
CLIENTS = [n for n in NAMES if n != "openai"]
TAIL = ["a", "b " + FIRST]
CASES = [
    Case("half-text", run=one_character("text", [text(joined(CUT), pieces=CUT)], "a bc \U0001f600 d e"),
         clients=CLIENTS, modes=("stream",)),
    Case("half-thought", run=one_character("thought", [
        thought(joined(CUT), pieces=CUT), "x"], "a bc \U0001f600 d e"),
         clients=CLIENTS, modes=("stream",)),
    Case("half-alone", run=one_character("text", [text(joined(TAIL), pieces=TAIL)], "ab \ufffd"),
         clients=CLIENTS, modes=("stream",)),
]
