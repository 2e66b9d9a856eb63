"""Continue's command line, with the config.yaml of docs/guide/clients.md."""
from program import HOME, KEY, PLACE, URL, main, run


def ask(text, model="auto", key=KEY):
    path = HOME / "config.yaml"
    path.write_text("name: weir\nversion: 0.0.1\nschema: v1\nmodels:\n"
                    f"  - {{name: weir, provider: openai, model: {model}, "
                    f"apiBase: \"{URL}\", apiKey: {key}}}\n")
    return run(PLACE / "node_modules/.bin/cn", "-p", "--config", path, text,
               CONTINUE_TELEMETRY_ENABLED="0").strip()


main({"chat": ask, "stream": lambda t: {"text": ask(t)}, "text": ask,
      "masked": lambda t: ask(t, "cloud"), "unknown": lambda t: ask(t, "nope"),
      "held": lambda t: ask(t, "cloud"), "key": lambda t: ask(t, key="wk_wrong"),
      "context": lambda t: ask(t, "small")})
