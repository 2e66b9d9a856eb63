"""cases_kinds.py -- values of the wrong JSON type are refused by name where a request is translated,
and what Google's API reads in more than one way is read as it does."""
import json

from cell import NAMES, Case
from engine import Step
from normal import answer, same, short, tool, user, want

ASKED = {"system": ["be brief"], "messages": [user("hello")], "tools": [tool()], "max_tokens": 500}
# {client: [(place in the body, value, the name in the refusal)]}
WRONG = {
    "openai": [("temperature", "hot"), ("max_tokens", "ten"), ("max_completion_tokens", [1]),
               ("stop", 5), ("stop", [5]), ("tools", {}), ("messages", "x"), ("seed", "one"),
               ("top_p", True), ("presence_penalty", {"a": 1}), ("user", 5), ("metadata", [1]),
               ("logprobs", "yes"), ("top_logprobs", "two"), ("parallel_tool_calls", "no"),
               ("tool_choice", 7), ("response_format", 3), ("reasoning_effort", 3), ("n", "one"),
               ("stream_options", 5), ("logit_bias", "x"), ("service_tier", 4), ("store", "x")],
    "responses": [("temperature", "hot"), ("max_output_tokens", "ten"), ("top_p", [1]),
                  ("tools", {}), ("input", 7), ("instructions", 5), ("text", 5),
                  ("text.verbosity", 7), ("reasoning", "high"), ("tool_choice", 7), ("include", "x"),
                  ("top_logprobs", "two"), ("user", 5), ("metadata", "x"), ("truncation", 5),
                  ("parallel_tool_calls", "no"), ("service_tier", 4)],
    "anthropic": [("temperature", "hot"), ("max_tokens", "ten"), ("top_p", [1]), ("top_k", "x"),
                  ("stop_sequences", "END"), ("stop_sequences", [5]), ("tools", {}),
                  ("messages", "x"), ("system", 5), ("thinking", 5), ("tool_choice", "any"),
                  ("metadata", 5), ("metadata.user_id", 5), ("output_config", 5)],
    "gemini": [("generationConfig.temperature", "hot"), ("generationConfig.maxOutputTokens", "ten"),
               ("generationConfig.topP", [1]), ("generationConfig.seed", True),
               ("generationConfig.stopSequences", 5), ("generationConfig", 5), ("tools", 7),
               ("contents", "x"), ("systemInstruction", 5), ("generationConfig.candidateCount", "x"),
               ("generationConfig.responseLogprobs", "x"), ("generationConfig.logprobs", "x"),
               ("toolConfig", 5), ("generationConfig.responseMimeType", 5),
               ("generationConfig.thinkingConfig", 5),
               ("generationConfig.thinkingConfig.includeThoughts", 5)],
    "ollama": [("options.temperature", "hot"), ("options.num_predict", "ten"),
               ("options.stop", 5), ("options.seed", "one"), ("options", 5), ("tools", {"a": 1}),
               ("messages", "x"), ("format", 5), ("think", 5), ("logprobs", "yes"),
               ("top_logprobs", "two")],
}


def put(body, place, value):
    *outer, last = place.split(".")
    for name in outer:
        body = body.setdefault(name, {})
    body[last] = value


def wrong_kinds(cell):
    if cell.client == cell.engine:
        return "none"
    for place, value in WRONG[cell.client]:
        path, body = cell.body(cell.marked(ASKED))
        put(body, place, value)
        step = cell.expects(Step(answer("ok")))
        status, data = cell.ask(path, body)
        want(status == 400, f"{place} of {json.dumps(value)}: status {status}: "
             f"{short(data.decode(errors='replace'))}")
        cell.refusal(status, data, (place.split(".")[-1],))
        want(step.asked is None, f"{place}: refused, but the engine was asked")
    return "refused"


# What means the same at Google's.
SAME = [
    ("tools", lambda b: b["tools"][0]),
    ("contents", lambda b: b["contents"][0]),
    ("generationConfig", lambda b: {**b["generationConfig"], "stopSequences": "END"}),
    ("generationConfig", lambda b: {"max_output_tokens": "500", "temperature": "0.5", "topP": 1,
                                    "stop_sequences": ["END"]}),
]


def read_as_google_does(cell):
    """One thing that is in no list, either case of a name, a number in a string."""
    for place, other in SAME[:2] if cell.engine == "responses" else SAME:   # no stops there
        usual = {**ASKED, "stop": ["END"]} if place == "generationConfig" else ASKED
        q = cell.marked(usual)
        path, body = cell.body(q)
        body[place] = other(body)
        if place == "tools":
            body["tools"]["function_declarations"] = body["tools"].pop("functionDeclarations")[0]
            body["tool_config"] = {"function_calling_config": {
                "mode": "ANY", "allowed_function_names": "look"}}
        step = cell.expects(Step(answer("ok")))
        cell.read(*cell.ask(path, body))
        asked = step.read(cell.engine_speaker)
        same([t["name"] for t in asked["tools"]], ["look"], f"{place}: the tools")
        want(asked["messages"], f"{place}: no messages")
        if place == "generationConfig" and "stop" in cell.engine_speaker.HAS:
            same(asked.get("stop"), ["END"], f"{place}: the stops")
        same(asked.get("max_tokens"), 500, f"{place}: the limit")
    return "ok"


CASES = [
    Case("wrong-kinds", run=wrong_kinds, modes=("plain",)),
    Case("google-shorthands", run=read_as_google_does, clients=["gemini"], modes=("plain",),
         engines=[n for n in NAMES if n != "gemini"]),
]
