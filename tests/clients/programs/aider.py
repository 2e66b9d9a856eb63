"""Aider, which edits files by what the model says."""
from program import HOME, KEY, PLACE, URL, Failed, main, run


def set_up():
    """The prices that it would fetch, so that it does not try."""
    caches = HOME / ".aider/caches"
    caches.mkdir(parents=True)
    (caches / "model_prices_and_context_window.json").write_text('{"none": {"mode": "chat"}}')


def ask(text, model="auto", key=KEY):
    out = run(PLACE / "bin/aider", "--openai-api-base", URL, "--openai-api-key", key,
              "--model", f"openai/{model}", "--no-git", "--yes-always", "--no-pretty",
              "--no-show-model-warnings", "--no-check-update", "--analytics-disable",
              "--no-gitignore", "--edit-format", "ask", "--no-detect-urls",
              "--timeout", "60", "--message", text)
    if "has hit a token limit" in out:
        raise Failed("it took the answer for a passed maximum context length: " + out)
    if "litellm." in out or "Error" in out:
        raise Failed(out)
    return text if text in out.replace("\n", " ") else out


def edit(text):
    """The model says a SEARCH/REPLACE block, and the file is changed by it."""
    path = HOME / "greeting.py"
    path.write_text("word = 'hello'\n")
    block = ("greeting.py\n```python\n<<<<<<< SEARCH\nword = 'hello'\n=======\n"
             f"word = '{text}'\n>>>>>>> REPLACE\n```\n")
    out = run(PLACE / "bin/aider", "--openai-api-base", URL, "--openai-api-key", KEY,
              "--model", "openai/cloud", "--no-git", "--yes-always", "--no-pretty",
              "--no-show-model-warnings", "--no-check-update", "--analytics-disable",
              "--no-gitignore", "--edit-format", "diff", "--no-detect-urls",
              "--message", block, path)
    changed = path.read_text()
    return text if changed == f"word = '{text}'\n" else changed + out


set_up()
main({"chat": ask, "stream": lambda t: {"text": ask(t)}, "text": ask, "masked": edit,
      "unknown": lambda t: ask(t, "nope"), "held": lambda t: ask(t, "cloud"),
      "key": lambda t: ask(t, key="wk_wrong"), "context": lambda t: ask(t, "small")})
