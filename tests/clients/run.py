#!/usr/bin/env python3
"""run.py --weir PROGRAM --build FOLDER [--only NAME ...] -- real clients, end to end.

Each client is installed into FOLDER (skipped loudly where it cannot be), pointed at a
weir in front of two engines (engine.py), and does what cells.py lists.  Then the libraries
among them do it again before engines of two other dialects (foreign.py), whose names
stand behind the client's.  The table shows W where the client got what it would have got from the provider itself, B with the reason
below where it did not, O where the fault is the client's own, and - where the client has
no such feature.  Exit code 0: no B."""
import argparse
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "e2e")]

KEY = "wk_clients_clients_clients_clients_cl"
CONFIG = """
policy: local-first
engines:
  - {{name: home, kind: openai, side: local, url: "{local}", models: [
      {{name: parrot, context: 200000, caps: [tools, json_schema]}},
      {{name: limited, caps: [tools, json_schema]}}, {{name: busy, caps: [tools, json_schema]}},
      {{name: broken}}, {{name: small, context: 8, caps: [tools, json_schema]}},
      {{name: vectors, caps: [embeddings]}}]}}
  - {{name: sky, kind: openai, side: cloud, url: "{cloud}", models: [
      {{name: bird, context: 200000, price: openai/gpt-4o, caps: [tools, json_schema]}}]}}
roles: {{local_small: parrot}}
"""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--weir", required=True)
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("-v", action="store_true", help="print what each client said")
    options = parser.parse_args()
    os.environ["WEIR"] = str(Path(options.weir).resolve())
    from clients import CLIENTS
    from trial import Trial
    build = options.build.resolve()
    chosen = [c for c in CLIENTS if not options.only or c.name in options.only]
    trial, guide = Trial(CONFIG, KEY, options.v), Trial(CONFIG, "")
    try:
        for client in chosen:
            trial.run(client, build)
        if not options.only or "recipes" in options.only:
            guide.run_recipes(build)
    finally:
        trial.end()
        guide.end()
    for other in [guide, *abroad([c for c in chosen if c.speaks], build, options.v)]:
        trial.table.update(other.table)
        trial.notes += other.notes
        trial.skipped += other.skipped
    return trial.report()


def abroad(clients, build, is_loud):
    """A trial for each dialect of these clients, at engines that speak others."""
    import foreign
    from trial import Trial
    for speaks, behind in foreign.BEHIND.items():
        mine = [c for c in clients if c.speaks == speaks]
        if not mine:
            continue
        trial = Trial(foreign.config(speaks), KEY, is_loud,
                      [foreign.Scripted(s) for s in behind], foreign.CELLS)
        try:
            for client in mine:
                trial.run(client, build)
        finally:
            trial.end()
        yield trial


if __name__ == "__main__":
    sys.exit(main())
