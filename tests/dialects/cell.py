"""cell.py -- a case, and one cell of it: a client's dialect, an engine's, plain or streamed."""
import copy
import json

import speak_anthropic
import speak_gemini
import speak_ollama
import speak_openai
import speak_responses
from engine import Step, token_of
from expect import (check_answer, check_messages, check_named, check_request, check_tools,
                    refused)
from normal import Cannot, Wrong, same, short, want

SPEAKERS = {s.NAME: s for s in (speak_openai, speak_responses, speak_anthropic, speak_gemini,
                                speak_ollama)}
NAMES = list(SPEAKERS)
MODES = ("plain", "stream")


class Case:
    """`q` is asked, `a` answered, and what must arrive follows from both; or `run` does it all.
    `side`: "local"; "cloud"; "both", where `sides` says each engine's; or "fails", whose engines
    stand for themselves, as they are blamed."""

    def __init__(self, name, q=None, a=None, run=None, **more):
        self.name, self.q, self.a, self.run = name, q, a, run or straight
        self.clients = more.pop("clients", NAMES)
        self.engines = more.pop("engines", NAMES)
        self.modes = more.pop("modes", MODES)
        self.side = more.pop("side", "local")
        self.more = more

    def cells(self):
        return [(self, c, e, m) for c in self.clients for e in self.engines for m in self.modes]


class Cell:
    number = 0

    def __init__(self, case, client, engine, mode, worlds, engines):
        Cell.number += 1
        self.case, self.client, self.engine, self.mode = case, client, engine, mode
        self.token = token_of(Cell.number * 7919 % (1 << 20))
        self.speaker, self.engine_speaker = SPEAKERS[client], SPEAKERS[engine]
        self.is_stream = mode == "stream"
        self.worlds, self.engines = worlds, engines
        self.notes, self.headers = [], {}

    def model(self, engine=None):
        engine = engine or self.engine
        return {"local": f"m-{engine}", "cloud": f"m-cloud-{engine}", "both": f"m-both-{engine}",
                "fails": f"m-{self.case.name}-{engine}"}[self.case.side]

    def world(self):
        return self.worlds[f"{self.client} {self.mode}" if self.case.side == "fails"
                           else self.case.side]

    def marked(self, q):
        """The request with this cell's token in the first text of the user."""
        q = copy.deepcopy(q)
        for message in q["messages"]:
            for part in message["parts"]:
                if message["role"] == "user" and part["t"] == "text":
                    part["text"] += f" ({self.token}.txt)"
                    return q
        raise AssertionError("a case without a user's text")

    def body(self, q, engine=None):
        """(path, body) as the client writes it; Cannot: it has no words for it."""
        return self.speaker.request(q, self.model(engine), self.is_stream)

    def expects(self, step, engine=None):
        self.engines[engine or self.engine].expect(self.token, step)
        return step

    def ask(self, path, body, **more):
        head = {"anthropic": {"x-api-key": "client-key", "anthropic-version": "2023-06-01"},
                "gemini": {"x-goog-api-key": "client-key"}}.get(
                    self.client, {"Authorization": "Bearer client-key"})
        status, self.headers, data = self.world().ask(path, body, {**head, **more})
        return status, data

    def read(self, status, data):
        """(normal form, the turn to give back)."""
        if status != 200:
            raise Wrong(f"status {status}: {short(data.decode(errors='replace'))}")
        kind = self.headers.get("content-type", "")
        expected = ("application/json" if not self.is_stream else
                    "application/x-ndjson" if self.client == "ollama" else "text/event-stream")
        want(kind.startswith(expected), f"Content-Type {kind!r}")
        if self.is_stream:
            return self.speaker.read_stream(data)
        return self.speaker.read_answer(json.loads(data))

    def can_say(self, a, engine=None):
        """Raises Cannot where this engine has no words for the answer."""
        speaker = SPEAKERS[engine or self.engine]
        if callable(a):
            return
        speaker.answer(a, "m")
        list(speaker.stream(a, "m"))

    def exchange(self, q, a, engine=None, check=True, split=None):
        """Asks q, answers a; what must arrive arrived."""
        engine = engine or self.engine
        path, body = self.body(q, engine)
        step = self.expects(Step(a, split or self.case.more.get("split", "odd")), engine)
        return self.finish(path, body, q, a, step, engine, check)

    def finish(self, path, body, q, a, step, engine, check=True):
        status, data = self.ask(path, body)
        got, native = self.read(status, data)
        want(step.asked, "the engine was not asked")
        asked = step.read(SPEAKERS[engine])
        if check:
            check_request(q, asked, engine, self.client)
            check_named(q, asked, engine, self.client, self.headers.get("x-weir-lost", ""))
        check_answer(a, got, self.client, engine, self.speaker, SPEAKERS[engine])
        return asked, got, native

    def refusal(self, status, data, words):
        """400 in the client's own form, naming what cannot be said."""
        same(status, 400, "status of what must be refused")
        message = self.speaker.read_error(json.loads(data))
        want(any(word in message for word in words), f"a refusal that names none of {words}: {message}")
        same(self.headers.get("content-type", "").split(";")[0], "application/json", "Content-Type")


def straight(cell):
    """The usual case."""
    case = cell.case
    cell.can_say(case.a)
    q = cell.marked(case.q)
    path, body = cell.body(q)
    verdict = refused(q, cell.engine, cell.client)
    step = cell.expects(Step(case.a, case.more.get("split", "odd")))
    if verdict:
        status, data = cell.ask(path, body)
        if status != 200 or verdict[1]:
            cell.refusal(status, data, verdict[0])
            want(step.asked is None, "refused, but the engine was asked")
            return "refused"
        got, _ = cell.read(status, data)
        check_answer(case.a, got, cell.client, cell.engine, cell.speaker, cell.engine_speaker)
        asked = step.read(cell.engine_speaker)
        check_messages(q, asked, cell.engine, cell.client)
        check_tools(q, asked, cell.engine)
        want(q.get("temperature", 0) <= 1 or "temperature" not in asked, "a temperature that "
             f"became {asked.get('temperature')}")
        return "ok"
    status, data = cell.ask(path, body)
    got, native = cell.read(status, data)
    asked = step.read(cell.engine_speaker)
    check_request(q, asked, cell.engine, cell.client)
    check_named(q, asked, cell.engine, cell.client, cell.headers.get("x-weir-lost", ""))
    check_answer(case.a, got, cell.client, cell.engine, cell.speaker, cell.engine_speaker)
    if "check" in case.more:
        case.more["check"](cell, asked, got, native, json.loads(step.asked[2]))
    return "ok"


def run(case, client, engine, mode, worlds, engines):
    """(verdict, why): ok, refused, none (this client cannot ask it), red."""
    cell = Cell(case, client, engine, mode, worlds, engines)
    try:
        return case.run(cell) or "ok", ""
    except Cannot:
        return "none", ""
    except Wrong as fault:
        lost = cell.headers.get("x-weir-lost")
        return "red", f"{fault}{f' (x-weir-lost: {lost})' if lost else ''}"
    except Exception as fault:  # pylint: disable=broad-except
        import traceback
        where = traceback.extract_tb(fault.__traceback__)[-1]
        return "red", f"{type(fault).__name__}: {fault} ({where.name}:{where.lineno})"
