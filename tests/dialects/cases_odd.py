"""cases_odd.py -- requests that are rare and legal: nobody may be asked in a way its API refuses."""
import json

from cell import NAMES, Case
from engine import Step
from normal import answer, refusal, same, user, want

ASKED = {"system": [], "messages": [user("hello")]}


def asked_by(change, check=None, words=None):
    """`change` makes the body odd; `words`: it is refused with one of them."""
    def run(cell):
        if cell.client == cell.engine:
            return "none"
        path, body = cell.body(cell.marked(ASKED))
        change(cell.client, body)
        step = cell.expects(Step(answer("ok")))
        status, data = cell.ask(path, body)
        if words:
            cell.refusal(status, data, words)
            want(step.asked is None, "refused, but the engine was asked")
            return "refused"
        cell.read(status, data)
        asked = step.read(cell.engine_speaker)      # it reads as strictly as its API
        if check:
            check(asked)
        return "ok"
    return run


NOTHING = {"openai": ("messages", {"role": "assistant", "content": None}),
           "anthropic": ("messages", {"role": "assistant", "content": []}),
           "responses": ("input", {"type": "message", "role": "assistant", "content": []}),
           "gemini": ("contents", {"role": "model"}),
           "ollama": ("messages", {"role": "assistant", "content": ""})}


def says_nothing(client, body):
    place, message = NOTHING[client]
    body[place] = [body[place][0], message, *body[place]]


def null_parts(client, body):
    body["contents"] = [body["contents"][0], {"role": "model", "parts": None},
                        {"role": "user", "parts": [{"text": None}, {"text": "and now?"}]}]


def model_begins(client, body):
    place, message = NOTHING[client]
    one = {"openai": "content", "anthropic": "content", "responses": "content",
           "gemini": "parts", "ollama": "content"}[client]
    said = {"gemini": [{"text": "Hi."}],
            "responses": [{"type": "output_text", "text": "Hi."}]}.get(client, "Hi.")
    body[place] = [{**message, one: said}, *body[place]]


def begins_with_user(asked):
    same(asked["messages"][0]["role"], "user", "who speaks first")


def no_tokens(client, body):
    if client == "gemini":
        body.setdefault("generationConfig", {})["maxOutputTokens"] = 0
    elif client == "ollama":
        body["options"] = {"num_predict": 0}
    else:
        body[{"responses": "max_output_tokens"}.get(client, "max_tokens")] = 0


def why_refused(cell):
    """What was said of a refusal stands where Anthropic's clients look for it."""
    if cell.client == cell.engine:
        return "none"
    said = answer(refusal("I may not."), finish="refusal")
    cell.can_say(said)
    path, body = cell.body(cell.marked(ASKED))
    cell.expects(Step(said))
    status, data = cell.ask(path, body)
    same(status, 200, "status")
    if cell.is_stream:
        found = [json.loads(line[6:]) for line in data.decode().splitlines() if "message_delta" in line
                 and line.startswith("data: ")]
        details = found[0]["delta"]["stop_details"]
    else:
        details = json.loads(data)["stop_details"]
    same(details, {"type": "refusal", "category": None, "explanation": "I may not."}, "stop_details")
    return "ok"


CASES = [
    Case("odd-why-refused", run=why_refused, clients=["anthropic"], engines=["openai", "responses", "gemini"]),
    Case("odd-says-nothing", run=asked_by(says_nothing)),
    Case("odd-null-parts", run=asked_by(null_parts), clients=["gemini"]),
    Case("odd-model-begins", run=asked_by(model_begins, begins_with_user), engines=["anthropic", "gemini"]),
    Case("odd-no-tokens", run=asked_by(no_tokens, words=("max_tokens", "max_output_tokens")),
         clients=[n for n in NAMES if n != "anthropic"], engines=["anthropic"]),
]
