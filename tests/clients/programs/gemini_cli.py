"""Gemini CLI, told to use an API key, as docs/guide/clients.md says."""
import json

from program import HOME, KEY, PLACE, URL, main, run


def ask(text, model="auto", key=KEY):
    (HOME / ".gemini").mkdir(exist_ok=True)
    (HOME / ".gemini/settings.json").write_text(json.dumps({
        "security": {"auth": {"selectedType": "gemini-api-key"}},
        "privacy": {"usageStatisticsEnabled": False}}))
    return run(PLACE / "node_modules/.bin/gemini", "-m", model, "-p", text,
               GOOGLE_GEMINI_BASE_URL=URL.removesuffix("/v1"), GEMINI_API_KEY=key,
               GEMINI_CLI_TRUST_WORKSPACE="true").strip()


main({"chat": ask, "text": ask, "masked": lambda t: ask(t, "cloud"),
      "unknown": lambda t: ask(t, "nope"), "held": lambda t: ask(t, "cloud"),
      "key": lambda t: ask(t, key="wk_wrong")})
