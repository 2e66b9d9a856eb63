"""cases_errors.py -- what goes wrong: before an answer, in a stream, in the middle of a word.
Each of these engines stands for itself (`side="fails"`), since weir rests engines that fail."""
import json

from cell import NAMES, Case
from engine import Step
from normal import answer, call, same, short, user, want

HELLO = {"system": [], "messages": [user("hello")]}
WORDS = "the flux capacitor is not aligned"
# Status at the client for an engine's: by docs/mapping.md, "Errors before an answer".
STATUS = {400: (400,), 401: (502,), 429: (429,), 503: (503,)}
KINDS = {"anthropic": {400: "invalid_request_error", 401: "api_error", 429: "rate_limit_error",
                       503: "overloaded_error"},
         "gemini": {400: "INVALID_ARGUMENT", 401: "INTERNAL", 429: "RESOURCE_EXHAUSTED",
                    503: "UNAVAILABLE"}}


def before(status):
    def run(cell):
        q = cell.marked(HELLO)
        path, body = cell.body(q)
        headers = {"Retry-After": "7"} if status == 429 else {}
        text = f"invalid value: {WORDS}" if status == 400 else WORDS
        step = cell.expects(Step(status=status, text=text, headers=headers))
        got, data = cell.ask(path, body)
        want(step.asked, f"the engine was not asked: {got} {short(data.decode())}")
        allowed = STATUS[status] + ((529,) if (cell.client, status) == ("anthropic", 503) else ())
        want(got in allowed, f"status {got} for the engine's {status}: {short(data.decode())}")
        same(cell.headers.get("content-type", "").split(";")[0], "application/json", "Content-Type")
        value = json.loads(data)
        message = cell.speaker.read_error(value)
        # What an engine says of its key is the operator's: it may quote the key.
        want(WORDS in message or status == 401, f"the engine's words are gone: {message}")
        if cell.client in KINDS:
            kind = value["error"].get("status", value["error"].get("type"))
            same(kind, KINDS[cell.client][status], "kind of error")
        if cell.client == "gemini":
            same(value["error"]["code"], got, "error.code and status")
        if status == 429:
            want("retry-after" in cell.headers, "no Retry-After")
        return "ok"
    return run


def inside(text, a=None):
    """The engine fails after some frames; with words, or by a cut."""
    def run(cell):
        said = a or answer("One two three four five six")
        cell.can_say(said)
        path, body = cell.body(cell.marked(HELLO))
        frames = list(cell.engine_speaker.stream(said, "m"))
        at = len(frames) // 2 + (1 if len(frames) < 6 else 0)
        step = cell.expects(Step(said, broken=min(at, len(frames) - 1), text=text))
        status, data = cell.ask(path, body)
        want(step.asked, f"the engine was not asked: {status} {short(data.decode())}")
        if cell.mode == "plain":
            want(status >= 500, f"status {status} for an answer that broke: {short(data.decode())}")
            cell.speaker.read_error(json.loads(data))
            return "ok"
        if status != 200:
            want(status >= 500, f"status {status}")
            message = cell.speaker.read_error(json.loads(data))
        else:
            message = cell.speaker.read_stream_error(data)
        want(not text or text in message, f"the engine's words are gone: {message}")
        return "ok"
    return run


def own(make_wrong, words):
    """What weir itself refuses: in the client's own form, naming the member."""
    def run(cell):
        path, body = cell.body(cell.marked(HELLO))
        path = make_wrong(path, body)
        status, data = cell.ask(path, body)
        want(400 <= status < 500, f"status {status}")
        message = cell.speaker.read_error(json.loads(data))
        want(any(w in message for w in words), f"a message that names none of {words}: {message}")
        return "ok"
    return run


def no_messages(path, body):
    for member in ("messages", "input", "contents"):
        body.pop(member, None)
    return path


def no_such_model(path, body):
    if "model" in body:
        body["model"] = "nobody-has-this"
        return path
    return path.replace("/models/", "/models/nobody-").replace("m-", "has-")


def wrong_type(path, body):
    for member in ("messages", "input", "contents"):
        if member in body:
            body[member] = 17
    return path


FIRST = ["openai"]
CALLING = answer("I look.", call("call_1", "look", {"q": "a long city name, to be cut"}))
CASES = [
    *[Case(f"error-{status}", run=before(status), side="fails") for status in STATUS],
    Case("error-in-stream", run=inside(WORDS), side="fails"),
    Case("stream-cut", run=inside(None), side="fails"),
    Case("stream-cut-in-call", run=inside(None, CALLING), side="fails"),
    # Ollama's clients load a model so.
    Case("own-no-messages", run=own(no_messages, ("messages", "input", "contents")), engines=FIRST,
         clients=[n for n in NAMES if n != "ollama"]),
    Case("own-wrong-type", run=own(wrong_type, ("messages", "input", "contents")), engines=FIRST),
    Case("own-no-model", run=own(no_such_model, ("nobody", "has-")), engines=FIRST),
]
