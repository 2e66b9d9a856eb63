#!/usr/bin/env python3
"""agent_day.py WEIR REPO -- a day of a coding agent over a repository, through weir.

Each session is one task: the agent reads files in parts, searches, looks at changes, and
every turn sends its whole history again, as agents do.  The request asks for a cloud model
and both engines are simulated, so nothing leaves this machine.  Printed are the sessions
that lost the cloud, the turns that were refused and those in which something was masked;
and the texts that caused it, by file, never with their values.

Nothing in an ordinary repository is confidential unless somebody put it there: look at the
files that are named, and a hold or mask that has no reason is a false alarm of the scanner.
"""
import argparse
import collections
import http.client
import json
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

CONFIG = """listen: 127.0.0.1:0
state_dir: {folder}/state
access_log: "off"
engines:
  - {{name: here, kind: sim, side: local, profile: instant, models: [{{name: home}}]}}
  - {{name: sky, kind: sim, side: cloud, profile: instant, models: [{{name: away}}]}}
"""
TASKS = ("fix the failing test", "explain how this module is put together",
         "rename the option and keep the old name working", "add a test for the error path",
         "find out why the start is slow", "update the documentation after the last change")
SYSTEM = ("You are a coding agent. Use the tools to read and change files. Keep answers "
          "short. Working directory: the repository's root.")
PART_LINES = 120
MAX_FILE_BYTES = 300_000


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("weir")
    parser.add_argument("repo")
    parser.add_argument("--sessions", type=int, default=10)
    parser.add_argument("--turns", type=int, default=50, help="of each session (50)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--preset", help="of the guard: what guard.preset says")
    parser.add_argument("--allow", help="a file of values that are nothing: guard.allow")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def git(repo, *words):
    done = subprocess.run(["git", "-C", repo, *words], capture_output=True, check=True)
    return done.stdout.decode("utf-8", "replace")


def texts_of(repo):
    """(path, text) of what is tracked and is text."""
    found = []
    for path in git(repo, "ls-files", "-z").split("\0"):
        file = Path(repo, path)
        if not path or not file.is_file() or file.stat().st_size > MAX_FILE_BYTES:
            continue
        data = file.read_bytes()
        if b"\0" in data:
            continue
        try:
            found.append((path, data.decode()))
        except UnicodeDecodeError:
            continue
    return found


def read_part(rng, texts):
    path, text = rng.choice(texts)
    lines = text.splitlines()
    first = rng.randrange(0, max(1, len(lines) - PART_LINES // 2))
    part = lines[first:first + PART_LINES]
    shown = "\n".join(f"{first + i + 1:6}\t{line}" for i, line in enumerate(part))
    return path, "read_file", {"path": path, "offset": first + 1}, shown


def search(rng, texts):
    path, text = rng.choice(texts)
    words = re.findall(r"[A-Za-z_]{5,}", text) or ["main"]
    word, hits = rng.choice(words), []
    for other, lines in rng.sample(texts, min(len(texts), 80)):
        hits += [f"{other}:{n}:{line[:200]}"
                 for n, line in enumerate(lines.splitlines(), 1) if word in line][:5]
    return f"search for {word}", "grep", {"pattern": word}, "\n".join(hits[:60])


def changes(rng, repo, commits):
    commit = rng.choice(commits)
    return (f"commit {commit[:12]}", "shell", {"command": f"git show {commit[:12]}"},
            git(repo, "show", "--stat", "-p", commit)[:12_000])


class Session:
    def __init__(self, rng, name):
        self.name, self.turns = name, 0
        self.messages = [{"role": "system", "content": SYSTEM},
                         {"role": "user", "content": rng.choice(TASKS)}]

    def add(self, tool, args, shown):
        self.turns += 1
        call = f"call_{self.turns}"
        self.messages.append({
            "role": "assistant", "content": None,
            "tool_calls": [{"id": call, "type": "function", "function": {
                "name": tool, "arguments": json.dumps(args)}}]})
        self.messages.append({"role": "tool", "tool_call_id": call, "content": shown})

    def ask(self, server):
        connection = http.client.HTTPConnection(server, timeout=120)
        connection.request("POST", "/v1/chat/completions", json.dumps({
            "model": "away", "messages": self.messages, "max_tokens": 5}),
            {"content-type": "application/json", "x-weir-session": self.name})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, answer.headers, body


class Serving:
    def __init__(self, weir, guard):
        self.folder = tempfile.TemporaryDirectory(prefix="weir-day-")
        text = CONFIG.format(folder=self.folder.name)
        if guard:
            text += f"guard: {json.dumps(guard)}\n"
        config = Path(self.folder.name, "weir.yaml")
        config.write_text(text)
        self.process = subprocess.Popen([weir, "serve", "-c", str(config)], text=True,
                                        stderr=subprocess.PIPE)
        said = []
        for line in self.process.stderr:
            said.append(line)
            found = re.search(r"listening on http://(\S+)", line)
            if found:
                self.server = found.group(1)
                return
        sys.exit("weir does not serve:\n" + "".join(said))

    def end(self):
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()


def types_in(header):
    return {found.group(1): int(found.group(2))
            for found in re.finditer(r"([A-Z_]+) (\d+)", header or "")}


class Day:
    """What became of the turns, and which texts caused it."""

    def __init__(self):
        self.turns, self.refused, self.with_mask, self.lost = 0, 0, 0, 0
        self.masked, self.causes = collections.Counter(), collections.Counter()

    def turn(self, what, answer, before, is_lost):
        """(types that are masked now, whether the session has lost the cloud)"""
        status, headers, body = answer
        types = types_in(headers.get("x-weir-masked"))
        self.turns += 1
        self.with_mask += bool(types)
        if status != 200:
            self.refused += 1
            if not is_lost:
                code = json.loads(body)["error"].get("code")
                self.causes[(what, f"held: {code}: {headers.get('x-weir-label')}")] += 1
            return before, True
        new = {t: n - before.get(t, 0) for t, n in types.items() if n > before.get(t, 0)}
        if new:
            self.masked.update(new)
            self.causes[(what, "masked: " + ", ".join(sorted(new)))] += 1
        return types, is_lost


def next_text(rng, args, texts, commits):
    """What the agent looks at: (what it is called, tool, its arguments, what it shows)"""
    kind = rng.random()
    if kind < 0.75:
        return read_part(rng, texts)
    return search(rng, texts) if kind < 0.9 else changes(rng, args.repo, commits)


def bar(args, session, turn):
    if not args.json and sys.stderr.isatty():
        is_last = session == args.sessions and turn == args.turns
        print(f"\rsession {session} of {args.sessions}, turn {turn} of {args.turns} ",
              end="\n" if is_last else "", file=sys.stderr, flush=True)


def guard_of(args):
    said = {"preset": args.preset, "allow": args.allow and str(Path(args.allow).resolve())}
    return {key: value for key, value in said.items() if value}


def run(args):
    rng = random.Random(args.seed)
    texts = texts_of(args.repo)
    commits = git(args.repo, "log", "--format=%H", "-200").split()
    if not texts or not commits:
        sys.exit(f"{args.repo} has no text files or no commits")
    serving, day = Serving(args.weir, guard_of(args)), Day()
    for k in range(args.sessions):
        session, types, is_lost = Session(rng, f"day-{args.seed}-{k}"), {}, False
        for turn in range(args.turns):
            what, *call = next_text(rng, args, texts, commits)
            session.add(*call)
            types, is_lost = day.turn(what, session.ask(serving.server), types, is_lost)
            bar(args, k + 1, turn + 1)
        day.lost += is_lost
    serving.end()
    return {"sessions": args.sessions, "sessions_that_lost_the_cloud": day.lost,
            "turns": day.turns, "turns_refused": day.refused,
            "turns_with_a_mask": day.with_mask, "values_masked": dict(day.masked),
            "causes": [{"text": what, "why": why, "times": n}
                       for (what, why), n in sorted(
                           day.causes.items(), key=lambda c: (c[0][1][:4] != "held", -c[1]))]}


def main():
    args = arguments()
    found = run(args)
    if args.json:
        print(json.dumps(found, indent=1))
        return
    print(f"sessions that lost the cloud   {found['sessions_that_lost_the_cloud']} of "
          f"{found['sessions']}")
    print(f"turns refused                  {found['turns_refused']} of {found['turns']}")
    print(f"turns with a mask              {found['turns_with_a_mask']} of {found['turns']}")
    print("values masked                  " + (", ".join(
        f"{t} {n}" for t, n in sorted(found["values_masked"].items())) or "none"))
    for cause in found["causes"][:40]:
        print(f"  {cause['times']:3} x  {cause['text']}: {cause['why']}")
    if len(found["causes"]) > 40:
        print(f"  ... and {len(found['causes']) - 40} more; --json names all")


if __name__ == "__main__":
    main()
