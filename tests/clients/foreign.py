"""foreign.py -- the same clients in front of engines that speak other dialects than they do.

The engines are `weir sim`, strict where their vendors are, with a script that does what engine.py
does: it says the user's words back, calls the tool that is offered, reports its result.  A relay
before each keeps what it was asked."""
import tempfile
from pathlib import Path

import cells
from relay import Relay
from simulated import FORMS, Sim

# A client's dialect: what its local engine and its cloud engine speak.
BEHIND = {"openai": ("anthropic", "gemini"), "responses": ("ollama", "anthropic"),
          "anthropic": ("openai", "gemini"), "gemini": ("anthropic", "responses"),
          "ollama": ("openai", "anthropic")}
CELLS = {name: cells.CELLS[name] for name in (
    "models", "chat", "stream", "tools", "stream_tools", "schema", "text", "masked",
    "masked_stream", "masked_tools", "unknown", "held", "key")}
# Some clients set a limit of a thousand tokens, and a token is a word here.
CELLS["long"] = cells.LONG[:4000]

SCRIPT = r"""
{"when": {"offers": "lookup"}, "steps": [
  {"think": "A city.", "call": {"lookup": {"city": "${user}"}}}, {"say": "The tool said: ${result}"}]}
{"when": {"offers": "Place|PartialPlace"}, "call": {"Place|PartialPlace": {"city": "${user}", "count": 7}}}
{"when": {"user": "/^Cologne$/"}, "say": "{\"city\": \"${user}\", \"count\": 7}"}
{"think": "I say it back.", "say": "${user}"}
"""

CONFIG = """
policy: local-first
engines:
  - {{name: home, kind: openai, speaks: AT_HOME, side: local, url: "{local}", models: [
      {{name: parrot, context: 200000, caps: [tools, json_schema]}}]}}
  - {{name: sky, kind: openai, speaks: IN_CLOUD, side: cloud, url: "{cloud}", models: [
      {{name: bird, context: 200000, price: openai/gpt-4o, caps: [tools, json_schema]}}]}}
roles: {{local_small: parrot}}
"""


class Scripted:
    """One simulated engine behind a relay; has what trial.py wants of an engine."""

    def __init__(self, speaks, script=SCRIPT):
        self.speaks, self.folder = speaks, tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "script"
        path.write_text(script)
        self.sim = Sim("--profile", "instant", "--script", str(path), "--fault", "strict")
        self.relay = Relay(self.sim.url)
        self.url = self.relay.url + FORMS[speaks][0]

    @property
    def seen(self):
        return self.relay.seen

    def end(self):
        self.relay.end()
        self.sim.stop()
        self.folder.cleanup()


def config(speaks):
    at_home, in_cloud = BEHIND[speaks]
    return CONFIG.replace("AT_HOME", at_home).replace("IN_CLOUD", in_cloud)
