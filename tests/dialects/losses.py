#!/usr/bin/env python3
"""What becomes of each member that a client may say, at engines of each other dialect:
losses.py [--weir FILE] [--write] [--client NAME] [--engine NAME]

Each row of losses_rows.py is asked twice of each engine, with the member and without it.  Where the
engine is sent the same both times and x-weir-lost names nothing, the member was dropped in silence:
that is always wrong.  What was seen must be what docs/losses.md says, word for word; --write
writes that page.  The last line is "N passed, N failed"."""
import argparse
import copy
import json
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import cell as cells  # noqa: E402
from engine import Engine, Step, token_of  # noqa: E402
from losses_rows import ROWS  # noqa: E402
from normal import answer, call, model_says, result, tool, user  # noqa: E402
from world import World  # noqa: E402

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "losses.md"
TITLES = {"openai": "OpenAI's chat completions", "responses": "OpenAI's Responses",
          "anthropic": "Anthropic's Messages", "gemini": "Gemini's generateContent",
          "ollama": "Ollama's `/api/chat`"}
SHORT = {"openai": "OpenAI chat", "responses": "Responses", "anthropic": "Anthropic",
         "gemini": "Gemini", "ollama": "Ollama"}
MARK = "<!-- what follows is written by tests/dialects/losses.py --write -->\n"
Q = {"system": ["be brief"], "messages": [
    user("look"), model_says("Let me see.", call("call_1", "look", {"q": "a"})),
    user(result("call_1", "look", "cold")), model_says("It is cold."), user("go on")], "tools": [tool()], "max_tokens": 4000}


def base(client, model, token):
    """(path, body): a turn of each kind, and texts as parts where the dialect has parts."""
    path, body = cells.SPEAKERS[client].request(Q, model, False)
    body = copy.deepcopy(body)
    said = f"look ({token}.txt)"
    if client == "openai":
        body["messages"][1]["content"] = [{"type": "text", "text": said}]
    elif client == "ollama":
        body["messages"][1]["content"] = said
    elif client == "responses":
        body["input"][0]["content"][0]["text"] = said
    elif client == "anthropic":
        body["messages"][0]["content"] = [{"type": "text", "text": said}]
        body["thinking"] = {"type": "adaptive"}
    else:
        body["contents"][0]["parts"][0]["text"] = said
    return path, body


def put(body, place, value):
    at, keys = body, place.split(".")
    for key, following in zip(keys, keys[1:] + [None]):
        if isinstance(at, list):
            if key in ("+", "^"):
                at.insert(len(at) if key == "+" else 0, value)
                return
            key = int(key)
        if following is None:
            at[key] = copy.deepcopy(value)
        elif isinstance(at, dict):
            at = at.setdefault(key, {})
        else:
            at = at[key]


def leaves(value):
    if isinstance(value, dict):
        for inner in value.values():
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    elif not isinstance(value, bool) and value is not None:
        yield json.dumps(value, ensure_ascii=False).strip('"')


class Asking:
    number = 1 << 10

    def __init__(self, world, engines):
        self.world, self.engines = world, engines

    def ask(self, client, engine, places):
        """(status, x-weir-lost, the error's words, what the engine was sent)"""
        Asking.number += 1
        token = token_of(Asking.number * 7919 % (1 << 20))
        path, body = base(client, f"m-{engine}", token)
        for place, value in places.items():
            put(body, place, value)
        step = Step(answer("ok"))
        self.engines[engine].expect(token, step)
        head = {"anthropic": {"x-api-key": "client-key", "anthropic-version": "2023-06-01"},
                "gemini": {"x-goog-api-key": "client-key"}}.get(
                    client, {"Authorization": "Bearer client-key"})
        status, headers, data = self.world.ask(path, body, head)
        sent = step.asked[2].decode().replace(token, "TOKEN") if step.asked else ""
        return status, headers.get("x-weir-lost", ""), data.decode(errors="replace"), sent


def verdict(asking, client, engine, places, options):
    """(what becomes of it, what is wrong or None)"""
    without = options.get("without", {})
    _, lost_before, _, before = asking.ask(client, engine, without)
    status, lost, words, sent = asking.ask(client, engine, places)
    if status == 400:
        return "refused", None if re.search("not_expressible|cannot be translated|has no place for|"
                                            "previous_response_not_found|which has no|"
                                            "member_forwards", words) \
            else f"another error than that of what has no place: {words[:300]}"
    if status != 200:
        return f"status {status}", words[:300]
    if not without and lost_before:
        return "?", f"named as lost although nothing odd was said: {lost_before}"
    named = [n for n in lost.split(", ") if n and n not in lost_before.split(", ")]
    is_same = before == sent
    if not named:
        if is_same:
            return ("nothing", None) if options.get("is nothing") else (
                "**dropped**", "the engine was sent the same as without it, and nothing was named")
        new = {k: v for k, v in places.items() if without.get(k) != v}
        found = all(leaf in sent for leaf in leaves(list(new.values())))
        return "carried" if found else "changed", None
    how = "lost" if is_same else "changed, lost"
    return f"{how}: {', '.join(f'`{n}`' for n in named)}", None


def measure(weir, clients, names):
    """{client: {row: {engine: (verdict, fault)}}}"""
    engines = {name: Engine(speaker) for name, speaker in cells.SPEAKERS.items()}
    world = World(weir, [(name, engine, "local") for name, engine in engines.items()])
    asking = Asking(world, engines)
    wanted = [(client, row[0], engine, row[1], row[2] if len(row) > 2 else {})
              for client in clients for row in ROWS[client] for engine in names
              if engine != client]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda w: verdict(asking, w[0], w[2], w[3], w[4]), wanted))
    code = world.end()
    ret = {}
    for (client, row, engine, _, _), one in zip(wanted, found):
        ret.setdefault(client, {}).setdefault(row, {})[engine] = one
    return ret, [f"weir ended with {code}: {world.stderr[-3000:]}"] if code else []


def page(found):
    lines = []
    for client, rows in found.items():
        names = [n for n in cells.NAMES if n != client]
        lines += [f"## From {TITLES[client]}", "", "| said | " + " | ".join(
            SHORT[n] for n in names) + " |", "|---" * (len(names) + 1) + "|"]
        for row, cells_of in rows.items():
            lines.append(f"| `{row}` | " + " | ".join(cells_of[n][0] for n in names) + " |")
        lines.append("")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--weir", default="build-test/weir")
    parser.add_argument("--write", action="store_true", help="write docs/losses.md")
    parser.add_argument("--client", choices=cells.NAMES)
    parser.add_argument("--engine", choices=cells.NAMES)
    options = parser.parse_args()
    clients = [options.client] if options.client else cells.NAMES
    names = [options.engine] if options.engine else cells.NAMES
    found, faults = measure(options.weir, clients, names)
    count = 0
    for client, rows in found.items():
        for row, cells_of in rows.items():
            for engine, (what, fault) in cells_of.items():
                count += 1
                if fault:
                    faults.append(f"{client}->{engine}: {row}: {what}: {fault}")
    if not options.client and not options.engine:
        text = PAGE.read_text() if PAGE.exists() else MARK
        head, said = text.split(MARK)
        if options.write:
            PAGE.write_text(head + MARK + page(found))
        else:
            for line in sorted(set(page(found).splitlines()) ^ set(said.splitlines())):
                faults.append(f"{'seen' if line in page(found) else 'docs/losses.md'}: {line}")
    print("\n".join(faults[:40]))
    print(f"{max(0, count - len(faults))} passed, {len(faults)} failed")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
