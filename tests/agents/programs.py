"""programs.py -- real coding agents, and how each is told to work in a folder by itself.

Each is asked once to create a file, run it and report, with all that it would fetch by itself
switched off; `turn_of` reads from a request how many answers the task has had so far."""
import json
import os
import re
import subprocess
from pathlib import Path

PATIENCE_S = 240
WISH = "create a.sh with echo hi-$((40+2)), run it"
# What a.sh prints; nobody has said it before it runs.
PRINTED = "hi-42"


class Agent:
    """`speaks` is its dialect, `client` its name in tests/clients/clients.py; `keeps_thoughts`: it
    gives back what the model thought, with its signature."""
    wish, keeps_thoughts = WISH, True

    def __init__(self, client, speaks):
        self.client, self.speaks = client, speaks

    def environment(self, place):
        return {"PATH": os.environ["PATH"], "HOME": str(place / "home"), "LANG": "C.UTF-8",
                "NO_COLOR": "1", "DO_NOT_TRACK": "1", "TERM": "dumb"}

    def run(self, url, place, build):
        """(exit code, what it printed), having worked in place/work for the weir at `url`."""
        for name in ("home", "work"):
            (place / name).mkdir()
        words, env = self.command(url, place, build / self.client)
        try:
            done = subprocess.run([str(w) for w in words], cwd=place / "work", text=True,
                                  env={**self.environment(place), **env}, check=False,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, timeout=PATIENCE_S)
        except subprocess.TimeoutExpired as late:
            return -1, (late.stdout or b"").decode(errors="replace")
        return done.returncode, done.stdout

    def turn_of(self, body):
        return len(re.findall(self.RESULT, body))


class ClaudeCode(Agent):
    RESULT = r'"type": ?"tool_result"'

    def command(self, url, place, program):
        return ([program / "node_modules/.bin/claude", "-p", self.wish, "--allowedTools", "Write,Bash"],
                {"ANTHROPIC_BASE_URL": url, "ANTHROPIC_AUTH_TOKEN": "weir", "ANTHROPIC_MODEL": "weir",
                 "ANTHROPIC_SMALL_FAST_MODEL": "weir", "DISABLE_TELEMETRY": "1",
                 "DISABLE_AUTOUPDATER": "1", "DISABLE_ERROR_REPORTING": "1",
                 "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"})


class Codex(Agent):
    RESULT = r'"type": ?"(function|custom_tool)_call_output"'

    def command(self, url, place, program):
        folder = place / "home/.codex"
        folder.mkdir()
        (folder / "config.toml").write_text(
            'model = "weir"\nmodel_provider = "weir"\n[model_providers.weir]\nname = "weir"\n'
            f'base_url = "{url}/v1"\nenv_key = "WEIR_KEY"\nwire_api = "responses"\n'
            'request_max_retries = 0\nstream_max_retries = 0\n')
        return ([program / "node_modules/.bin/codex", "exec", "--skip-git-repo-check",
                 "--dangerously-bypass-approvals-and-sandbox", self.wish],
                {"WEIR_KEY": "weir", "CODEX_HOME": str(folder)})


class GeminiCli(Agent):
    """It leaves thoughts out of what it sends, and puts `skip_thought_signature_validator` where
    a call has no signature."""
    RESULT, keeps_thoughts = r'"functionResponse"', False

    def command(self, url, place, program):
        folder = place / "home/.gemini"
        folder.mkdir()
        (folder / "settings.json").write_text(json.dumps({
            "security": {"auth": {"selectedType": "gemini-api-key"}},
            "privacy": {"usageStatisticsEnabled": False}}))
        return ([program / "node_modules/.bin/gemini", "-m", "weir", "-y", "-p", self.wish],
                {"GOOGLE_GEMINI_BASE_URL": url, "GEMINI_API_KEY": "weir",
                 "GEMINI_CLI_TRUST_WORKSPACE": "true"})


class Aider(Agent):
    """It has no tools: it edits files by what the model writes, and runs a command after that,
    whose output it sends when the command fails.  So the script is wrong until the third time."""
    keeps_thoughts = False

    def command(self, url, place, program):
        caches = place / "home/.aider/caches"
        caches.mkdir(parents=True)
        (caches / "model_prices_and_context_window.json").write_text('{"none": {"mode": "chat"}}')
        return ([program / "bin/aider", "--openai-api-base", url + "/v1", "--openai-api-key", "weir",
                 "--model", "openai/weir", "--no-git", "--yes-always", "--no-pretty",
                 "--no-show-model-warnings", "--no-check-update", "--analytics-disable",
                 "--no-gitignore", "--edit-format", "whole", "--no-detect-urls", "--map-tokens", "0",
                 "--auto-test", "--test-cmd", "sh a.sh", "--message", self.wish, "a.sh"], {})

    def turn_of(self, body):
        """Its own examples are such messages, too: what counts is how often a.sh has failed."""
        return max([int(n) for n in re.findall(r"hi-4(\d)-wrong", body)] + [-1]) + 1


AGENTS = [ClaudeCode("claude-code", "anthropic"), Codex("codex", "responses"),
          GeminiCli("gemini-cli", "gemini"), Aider("aider", "openai")]


def path_of(place):
    return Path(place) / "work/a.sh"
