"""clients.py -- the programs that are tried, and how each is installed.

Each has a folder of its own under the build folder, so that no program's needs disturb
another's.  `own` names the cells in which the fault is the client's, with the reason;
`wants` the class of error that a cell must raise; `speaks` a library's dialect."""
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


class Client:
    def __init__(self, name, folder, script, packages, own=None, wants=None, speaks="openai"):
        self.name, self.folder, self.script, self.speaks = name, folder, script, speaks
        self.packages, self.own, self.wants = packages, own or {}, wants or {}

    def why_not(self, build):
        """None once it is installed, or what is in the way."""
        place = build / self.folder
        stamp = place / "installed"
        if stamp.exists() and stamp.read_text() == " ".join(self.packages):
            return None
        place.mkdir(parents=True, exist_ok=True)
        try:
            done = self.install(place)
        except (OSError, subprocess.TimeoutExpired) as error:
            return str(error)
        if done.returncode != 0:
            return f"cannot be installed: {done.stdout.strip()[-300:]}"
        stamp.write_text(" ".join(self.packages))
        return None

    @staticmethod
    def do(words, place):
        return subprocess.run(words, cwd=place, stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.STDOUT, check=False, timeout=900)


class PythonClient(Client):
    def install(self, place):
        if not (place / "bin/pip").exists():
            done = self.do([sys.executable, "-m", "venv", "."], place)
            if done.returncode != 0:
                return done
        return self.do(["bin/python", "-m", "pip", "install", "-q", *self.packages], place)

    def command(self, build):
        return [build / self.folder / "bin/python", HERE / "python" / self.script]


class NodeClient(Client):
    def install(self, place):
        if not shutil.which("npm"):
            raise OSError("node and npm are missing")
        (place / "package.json").write_text('{"private": true, "type": "module"}\n')
        return self.do(["npm", "install", "--no-audit", "--no-fund", *self.packages], place)

    def command(self, build):
        # Node looks for packages beside the script, so the scripts go there.
        for script in (HERE / "node").glob("*.mjs"):
            shutil.copy(script, build / self.folder)
        return ["node", build / self.folder / self.script]


class ProgramClient(Client):
    """A command line program: a script here runs it with standard Python."""

    def __init__(self, name, kind, script, packages, own=None):
        super().__init__(name, name, script, packages, own, speaks=None)
        self.install = kind(name, name, script, packages).install

    def command(self, build):
        return [sys.executable, HERE / "programs" / self.script, build / self.folder]


SDKS = ["openai", "langchain-openai", "llama-index-llms-openai-like", "litellm",
        "mcp", "instructor", "pydantic-ai-slim[openai]", "anthropic", "ollama",
        "langchain-ollama", "google-genai"]
NODE_SDKS = ["openai", "ai", "@ai-sdk/openai", "@ai-sdk/openai-compatible", "@ai-sdk/anthropic",
             "zod", "@anthropic-ai/sdk", "ollama", "@google/genai"]

CLIENTS = [
    PythonClient("openai-python", "python", "openai_py.py", SDKS),
    PythonClient("openai-responses", "python", "openai_responses_py.py", SDKS, speaks="responses"),
    NodeClient("openai-js", "node", "openai_js.mjs", NODE_SDKS),
    NodeClient("openai-js-responses", "node", "openai_responses.mjs", NODE_SDKS,
               speaks="responses"),
    PythonClient("langchain-openai", "python", "langchain_py.py", SDKS),
    PythonClient("llama-index", "python", "llama_index_py.py", SDKS),
    PythonClient("litellm", "python", "litellm_py.py", SDKS,
                 wants={"context": "ContextWindowExceededError"}),
    PythonClient("instructor", "python", "instructor_py.py", SDKS),
    PythonClient("pydantic-ai", "python", "pydantic_ai_py.py", SDKS),
    PythonClient("pydantic-responses", "python", "pydantic_ai_responses_py.py", SDKS, own={
        "broken": "it takes response.failed for an end"}, speaks="responses"),
    NodeClient("vercel-compatible", "node", "vercel_compatible.mjs", NODE_SDKS),
    NodeClient("vercel-openai", "node", "vercel_openai.mjs", NODE_SDKS),
    PythonClient("anthropic-python", "python", "anthropic_py.py", SDKS, speaks="anthropic"),
    NodeClient("anthropic-js", "node", "anthropic_js.mjs", NODE_SDKS, speaks="anthropic"),
    PythonClient("ollama-python", "python", "ollama_py.py", SDKS, speaks="ollama"),
    PythonClient("langchain-ollama", "python", "langchain_ollama_py.py", SDKS, speaks="ollama"),
    NodeClient("ollama-js", "node", "ollama_js.mjs", NODE_SDKS, speaks="ollama"),
    PythonClient("genai-python", "python", "genai_py.py", SDKS, speaks="gemini"),
    NodeClient("genai-js", "node", "genai_js.mjs", NODE_SDKS, speaks="gemini"),
    NodeClient("vercel-anthropic", "node", "vercel_anthropic.mjs", NODE_SDKS, speaks="anthropic"),
    NodeClient("vercel-responses", "node", "vercel_responses.mjs", NODE_SDKS, speaks="responses"),
    ProgramClient("codex", NodeClient, "codex.py", ["@openai/codex"]),
    ProgramClient("llm", PythonClient, "llm.py", ["llm"]),
    ProgramClient("aider", PythonClient, "aider.py", ["aider-chat"]),
    ProgramClient("shell-gpt", PythonClient, "sgpt.py", ["shell-gpt", "click"]),
    ProgramClient("promptfoo", NodeClient, "promptfoo.py", ["promptfoo"], own={
        "busy": "it does not ask again after a 503, whatever Retry-After says"}),
    ProgramClient("continue", NodeClient, "continue_cli.py", ["@continuedev/cli"]),
    ProgramClient("claude-code", NodeClient, "claude_code.py",
                  ["@anthropic-ai/claude-code@2.1.197"]),
    ProgramClient("gemini-cli", NodeClient, "gemini_cli.py", ["@google/gemini-cli"]),
    ProgramClient("aiperf", PythonClient, "aiperf.py", ["aiperf"]),
]
