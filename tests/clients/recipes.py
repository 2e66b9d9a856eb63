"""recipes.py -- the recipes of docs/guide/clients.md, run as they stand there.

A recipe is a fenced block; only weir's address is replaced.  Python, JavaScript and shell
blocks are run, the files of programs are written where the program looks for them."""
import os
import re
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
GUIDE = HERE.parent.parent / "docs/guide/clients.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
ADDRESS = "http://127.0.0.1:4141"
PATIENCE_S = 180


class Recipe:
    def __init__(self, kind, text, before):
        bold = re.findall(r"\*\*([^*]+)\*\*", before)
        self.kind, self.text = kind, text
        self.name = f"{bold[-1]} ({kind})" if bold else f"first {kind}"


def read(url):
    guide = GUIDE.read_text()
    for found in BLOCK.finditer(guide):
        section = guide[:found.start()].rsplit("\n## ", 1)[-1]
        yield Recipe(found.group(1), found.group(2).replace(ADDRESS, url), section)


def run(words, home, **more):
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8",
           "NO_COLOR": "1", "DO_NOT_TRACK": "1", **more}
    done = subprocess.run([str(w) for w in words], cwd=home, env=env, text=True,
                          capture_output=True, timeout=PATIENCE_S, check=False)
    return done.returncode, done.stdout + done.stderr


def tried_file(recipe, home, build):
    """Writes the file of a program and asks the program something."""
    name = recipe.name.split(" ")[0]
    if name == "Continue":
        (home / "config.yaml").write_text(recipe.text)
        return run([build / "continue/node_modules/.bin/cn", "-p", "--config",
                    home / "config.yaml", "Hello"], home, CONTINUE_TELEMETRY_ENABLED="0")
    if name == "llm":
        (home / "llm").mkdir()
        (home / "llm/extra-openai-models.yaml").write_text(recipe.text)
        return run([build / "llm/bin/llm", "-m", "weir", "Hello"], home,
                   LLM_USER_PATH=str(home / "llm"))
    if name == "promptfoo":
        (home / "promptfooconfig.yaml").write_text(recipe.text)
        return run([build / "promptfoo/node_modules/.bin/promptfoo", "eval", "--no-cache"],
                   home, PROMPTFOO_DISABLE_TELEMETRY="1", PROMPTFOO_DISABLE_UPDATE="1",
                   PROMPTFOO_CONFIG_DIR=str(home))
    if name == "Codex":
        (home / ".codex").mkdir()
        (home / ".codex/config.toml").write_text(recipe.text)
        return run([build / "codex/node_modules/.bin/codex", "exec", "--skip-git-repo-check",
                    "Hello"], home, WEIR_KEY="weir")
    if name == "shell-gpt":
        (home / ".config/shell_gpt").mkdir(parents=True)
        (home / ".config/shell_gpt/.sgptrc").write_text(recipe.text)
        return run([build / "shell-gpt/bin/sgpt", "Hello"], home)
    return None


def tried(recipe, home, build):
    """(exit code, what was printed), or None where nothing can be run."""
    if recipe.kind == "python":
        (home / "recipe.py").write_text(recipe.text)
        return run([build / "python/bin/python", "recipe.py"], home)
    if recipe.kind == "js":
        path = build / "node/recipe.mjs"  # beside its packages
        path.write_text(recipe.text)
        return run(["node", path], home)
    if recipe.kind == "sh":
        caches = home / ".aider/caches"
        caches.mkdir(parents=True)
        (caches / "model_prices_and_context_window.json").write_text('{"none": {}}')
        (home / ".gemini").mkdir()
        (home / ".gemini/settings.json").write_text(
            '{"security": {"auth": {"selectedType": "gemini-api-key"}}}')
        programs = [build / "aider/bin", build / "claude-code/node_modules/.bin",
                    build / "gemini-cli/node_modules/.bin"]
        path = ":".join([*map(str, programs), os.environ["PATH"]])
        text = recipe.text.replace("aider ", "aider --no-git --yes-always --no-check-update ")
        return run(["bash", "-ec", text], home, PATH=path)
    return tried_file(recipe, home, build)


def is_missing(recipe, build):
    folders = {"python": "python", "js": "node"}
    name = recipe.name.split(" ")[0].lower()
    folder = build / folders.get(recipe.kind, name)
    if recipe.kind == "sh" and "claude -p" in recipe.text:
        folder = build / "claude-code"
    elif recipe.kind == "sh" and "gemini -m" in recipe.text:
        folder = build / "gemini-cli"
    elif recipe.kind == "sh" and "aider" not in recipe.text:
        return shutil.which("curl") is None
    return not (folder / "installed").exists()
