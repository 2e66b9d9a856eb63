"""Claude Code, asked once (claude -p), with all that it would fetch switched off."""
from program import HOME, KEY, PLACE, URL, main, run

OFF = {"DISABLE_TELEMETRY": "1", "DISABLE_AUTOUPDATER": "1", "DISABLE_ERROR_REPORTING": "1",
       "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"}


def ask(text, model="auto", *words):
    """The engine says all of the user's message, with what Claude Code puts before it."""
    place = HOME / "place"
    place.mkdir(exist_ok=True)
    out = run(PLACE / "node_modules/.bin/claude", "-p", *words, text,
              ANTHROPIC_BASE_URL=URL.removesuffix("/v1"), ANTHROPIC_AUTH_TOKEN=KEY,
              ANTHROPIC_MODEL=model, ANTHROPIC_SMALL_FAST_MODEL=model, **OFF)
    return text if text in out else out


main({"chat": ask, "stream": lambda t: {"text": ask(t)}, "text": ask,
      "masked": lambda t: ask(t, "cloud"), "unknown": lambda t: ask(t, "nope"),
      "held": lambda t: ask(t, "cloud")})
