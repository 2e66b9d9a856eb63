"""shell-gpt."""
from program import HOME, KEY, PLACE, URL, main, run

SETTINGS = """OPENAI_API_KEY={key}
API_BASE_URL={url}
DEFAULT_MODEL=auto
USE_LITELLM=false
PRETTIFY_MARKDOWN=false
DISABLE_STREAMING=false
OPENAI_USE_FUNCTIONS=false
CACHE_LENGTH=0
REQUEST_TIMEOUT=60
"""


def set_up():
    folder = HOME / ".config/shell_gpt"
    folder.mkdir(parents=True)
    (folder / ".sgptrc").write_text(SETTINGS.format(key=KEY, url=URL))


def ask(text, model="auto", **env):
    return run(PLACE / "bin/sgpt", "--model", model, "--no-cache", "--no-md", text,
               **env).strip()


set_up()
main({"chat": ask, "stream": lambda t: {"text": ask(t)}, "text": ask,
      "masked": lambda t: ask(t, "cloud"),
      "masked_stream": lambda t: {"text": ask(t, "cloud")},
      "unknown": lambda t: ask(t, "nope"), "held": lambda t: ask(t, "cloud"),
      "key": lambda t: ask(t, OPENAI_API_KEY="wk_wrong"),
      "limited": lambda t: ask(t, "limited"), "busy": lambda t: ask(t, "busy"),
      "broken": lambda t: ask(t, "broken"), "context": lambda t: ask(t, "small")})
