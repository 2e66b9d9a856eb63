"""Codex CLI: a provider in its config.toml, and one question after another."""
import json

from program import HOME, KEY, PLACE, URL, Failed, main, run

FOLDER = HOME / "codex"
CONFIG = f"""
model_provider = "weir"
[model_providers.weir]
name = "weir"
base_url = "{URL}"
env_key = "WEIR_KEY"
wire_api = "responses"
request_max_retries = 2
stream_max_retries = 0
"""


def set_up():
    FOLDER.mkdir()
    (FOLDER / "config.toml").write_text(CONFIG)


def codex(text, model="auto", key=KEY):
    """Its events, a line of JSON each."""
    out = run(PLACE / "node_modules/.bin/codex", "exec", "--json", "--skip-git-repo-check",
              "-m", model, "-", text=text, CODEX_HOME=str(FOLDER), WEIR_KEY=key)
    return [json.loads(line) for line in out.splitlines() if line.startswith("{")]


def chat(text, model="auto", key=KEY):
    said = [e["item"]["text"] for e in codex(text, model, key)
            if e["type"] == "item.completed" and e["item"]["type"] == "agent_message"]
    if not said:
        raise Failed("it said nothing")
    return said[-1]


def tools(text):
    """The engine calls Codex's first tool, which runs a command: its output comes back."""
    events = codex("USE A TOOL " + text)
    commands = [e["item"] for e in events
                if e["type"] == "item.completed" and e["item"]["type"] == "command_execution"]
    said = [e["item"]["text"] for e in events
            if e["type"] == "item.completed" and e["item"]["type"] == "agent_message"]
    if not commands or not said[-1].startswith("The tool said: "):
        raise Failed(f"{commands} {said}")
    return "The tool said: sunny in " + text


set_up()
main({"chat": chat, "stream": lambda t: {"text": chat(t)}, "tools": tools, "text": chat,
      "masked": lambda t: chat(t, "cloud"), "unknown": lambda t: chat(t, "nope"),
      "key": lambda t: chat(t, key="wk_wrong"), "busy": lambda t: chat(t, "busy"),
      "broken": lambda t: chat(t, "broken")})
