"""Gemini CLI, told to use an API key, as docs/guide/clients.md says.

It puts a description of where it runs before each prompt, which the engine repeats."""
import json

from program import HOME, KEY, PLACE, URL, main, run


def ask(text, model="local", key=KEY):
    (HOME / ".gemini").mkdir(exist_ok=True)
    (HOME / ".gemini/settings.json").write_text(json.dumps({
        "security": {"auth": {"selectedType": "gemini-api-key"}},
        "privacy": {"usageStatisticsEnabled": False}}))
    said = run(PLACE / "node_modules/.bin/gemini", "-m", model, "-p", text,
               GOOGLE_GEMINI_BASE_URL=URL.removesuffix("/v1"), GEMINI_API_KEY=key,
               GEMINI_CLI_TRUST_WORKSPACE="true")
    return said.rsplit("</session_context>", 1)[-1].strip()


main({"chat": ask, "text": ask, "unknown": lambda t: ask(t, "nope"), "held": lambda t: ask(t, "cloud"),
      "key": lambda t: ask(t, key="wk_wrong")})
