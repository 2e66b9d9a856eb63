"""Simon Willison's llm: models come from a file, as its manual says."""
import json

from program import HOME, KEY, PLACE, URL, main, run

FOLDER = HOME / "llm"
FUNCTION = "def lookup(city: str) -> str:\n    'Looks a city up'\n    return 'sunny in ' + city\n"


def set_up():
    FOLDER.mkdir()
    names = ["auto", "cloud", "nope", "limited", "busy", "broken", "small"]
    (FOLDER / "extra-openai-models.yaml").write_text("".join(
        f"- model_id: weir-{name}\n  model_name: {name}\n  api_base: {URL}\n"
        "  api_key_name: weir\n  supports_tools: true\n  supports_schema: true\n"
        for name in names))
    run(PLACE / "bin/llm", "keys", "set", "weir", "--value", KEY, LLM_USER_PATH=str(FOLDER))


def llm(text, *words, model="auto", key=None):
    more = ["--key", key] if key else []
    return run(PLACE / "bin/llm", "prompt", "-m", f"weir-{model}", *more, *words, text=text,
               LLM_USER_PATH=str(FOLDER)).removesuffix("\n")


def schema(text):
    wanted = {"type": "object", "properties": {"city": {"type": "string"},
                                               "count": {"type": "integer"}}}
    return json.loads(llm(text, "--schema", json.dumps(wanted)))


set_up()
main({"chat": lambda t: llm(t, "--no-stream"), "stream": lambda t: {"text": llm(t)},
      "tools": lambda t: llm(t, "--no-stream", "--functions", FUNCTION),
      "stream_tools": lambda t: llm(t, "--functions", FUNCTION), "schema": schema,
      "long": llm, "text": llm, "masked": lambda t: llm(t, "--no-stream", model="cloud"),
      "masked_stream": lambda t: {"text": llm(t, model="cloud")},
      "unknown": lambda t: llm(t, model="nope"), "held": lambda t: llm(t, model="cloud"),
      "key": lambda t: llm(t, key="wk_wrong"), "limited": lambda t: llm(t, model="limited"),
      "busy": lambda t: llm(t, model="busy"), "broken": lambda t: llm(t, model="broken"),
      "context": lambda t: llm(t, model="small")})
