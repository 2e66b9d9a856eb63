#!/usr/bin/env python3
"""run.py --weir PROGRAM --build FOLDER [--only NAME ...] [-v] -- real coding agents, through weir, on
scripted engines of dialects that they do not speak.

Each agent creates a file, runs it and reports, once for each other dialect, and once more while the
engine changes from turn to turn: a local one of OpenAI's chat completions, and in the cloud one of
Anthropic's that signs its thoughts.  A relay before weir says which side a turn is for, by
`x-weir-policy`, and counts turns by the results in the request.  The simulators are strict: what
their vendors refuse, they refuse.  The last line is "k of n"; what cannot be installed is MISSING
there, and fails."""
import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "clients"), str(HERE.parent / "e2e")]

DIALECTS = ("openai", "responses", "anthropic", "gemini", "ollama")
# Where engines of this dialect are taken to be: what goes to the cloud is scanned and masked.
SIDE = {"openai": "local", "ollama": "local", "anthropic": "cloud", "gemini": "cloud",
        "responses": "cloud"}
# It thinks, and signs what it thought, whether an agent asks for that or not.
MORE = {"anthropic": ", defaults: {params: {thinking: {type: adaptive}}}"}


class Failed(Exception):
    pass


def want(condition, text):
    if not condition:
        raise Failed(text)


def row_of(speaks, url):
    return (f"  - {{name: {speaks}, kind: openai, speaks: {speaks}, side: {SIDE[speaks]}, url: \"{url}\", "
            f"models: [{{name: m-{speaks}, context: 1000000, caps: [tools, json_schema, vision]}}]"
            f"{MORE.get(speaks, '')}}}\n")


class World:
    """One weir, its engines, and a folder in which an agent works."""

    def __init__(self, agent, engines, policy_of=None):
        from foreign import Scripted
        from harness import Weir
        from relay import Relay
        import script
        self.agent = agent
        self.folder = tempfile.TemporaryDirectory(prefix="weir-agents-")
        self.place = Path(self.folder.name).resolve()
        self.engines = {s: Scripted(s, script.of(agent.client, self.place / "work")) for s in engines}
        self.weir = Weir("aliases: {weir: auto}\nengines:\n" + "".join(
            row_of(s, e.url) for s, e in self.engines.items()))
        self.weir.start()
        self.turns = []
        self.policy_of = policy_of
        self.front = Relay(self.weir.url.removesuffix("/v1"), self.note)

    def note(self, _, headers, body):
        if self.policy_of and body:
            turn = self.agent.turn_of(body.decode(errors="replace"))
            headers["x-weir-policy"] = self.policy_of(turn)
            self.turns.append(turn)

    def run(self, build):
        code, said = self.agent.run(self.front.url, self.place, build)
        made = self.place / "work/a.sh"
        self.said = said
        want(code == 0, f"exit code {code}: {said[-1500:]}")
        want(made.exists(), f"there is no a.sh: {said[-1500:]}")
        want("hi-$((40+2))" in made.read_text(), f"a.sh has {made.read_text()!r}")
        want("hi-42" in said, f"it does not report what a.sh printed: {said[-1500:]}")

    def rows(self):
        return self.weir.ledger()

    def end(self):
        self.front.end()
        try:
            self.weir.stop()
        finally:
            self.weir.remove()
            for engine in self.engines.values():
                engine.end()
            self.folder.cleanup()


def check_rows(world):
    """Every request was answered, at the first attempt."""
    rows = world.rows()
    want(rows, "no request came through weir")
    bad = [f"{r['outcome']} {r['error_code']} {r['model']}" for r in rows if r["outcome"] != "ok"]
    want(not bad, f"{len(bad)} of {len(rows)} requests failed: {bad[:5]}")
    return rows


def straight(world, build):
    """All turns at one engine of another dialect."""
    world.run(build)
    return f"{len(check_rows(world))} requests"


def changing(world, build):
    """Turns 0, 2, 4 are the local engine's, 1 and 3 the cloud's, which gets its own signature back."""
    world.run(build)
    rows = check_rows(world)
    sides = [r["side"] for r in sorted(rows, key=lambda r: r["id"])]
    want({"local", "cloud"} <= set(sides), f"sides: {sides}")
    cloud = [json.loads(s) for s in world.engines["anthropic"].seen if s.startswith("{")]
    signed = [b for body in cloud for m in body["messages"] if isinstance(m["content"], list)
              for b in m["content"] if b["type"] == "thinking"]
    if world.agent.client != "aider":
        want(max(world.turns) >= 4, f"turns: {world.turns}")
        want(signed or not world.agent.keeps_thoughts, "the cloud engine's signature did not come home")
    return f"{len(rows)} requests, {''.join(s[0] for s in sides)}, {len(signed)} signatures back"


def trials(agent):
    for speaks in DIALECTS:
        if speaks != agent.speaks:
            yield speaks, [speaks], None, straight
    yield ("sides", ["openai", "anthropic"],
           lambda turn: ("local-only", "cloud-only")[turn % 2], changing)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--weir", required=True)
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--only", nargs="*", default=[], help="names of agents, or of trials")
    parser.add_argument("-v", action="store_true", help="print what each agent said")
    options = parser.parse_args()
    os.environ["WEIR"] = str(Path(options.weir).resolve())
    from clients import CLIENTS
    from programs import AGENTS
    build = options.build.resolve()
    right, missing, total = 0, [], 0
    for agent in AGENTS:
        chosen = [t for t in trials(agent)
                  if not options.only or {agent.client, f"{agent.client}:{t[0]}", t[0]} & set(options.only)]
        reason = chosen and next(c for c in CLIENTS if c.name == agent.client).why_not(build)
        if reason:
            missing.append(agent.client)
            print(f"MISSING {agent.client}: {reason}", flush=True)
            continue
        for name, engines, policy_of, check in chosen:
            total += 1
            world = World(agent, engines, policy_of)
            try:
                said = check(world, build)
                right += 1
                print(f"ok {agent.client} {name}: {said}", flush=True)
            except Failed as why:
                print(f"FAILED {agent.client} {name}: {why}", flush=True)
            if options.v:
                print(getattr(world, "said", ""))
            world.end()
    if missing:
        print(f"MISSING, and so not tried: {', '.join(missing)}")
    print(f"{right} of {total} agent runs")
    return 0 if total and right == total and not missing else 1


if __name__ == "__main__":
    sys.exit(main())
