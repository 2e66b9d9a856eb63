#!/usr/bin/env python3
"""`weir train tagger` from the outside: train.py WEIR GENERATOR.

The generator checks itself; its lines are learnt twice to the same bytes; weights that
were damaged, and lines that cannot be learnt from, are refused with the reason."""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

WEIR, GENERATOR = sys.argv[1], sys.argv[2]


def run(*args, **more):
    return subprocess.run(args, capture_output=True, text=True, **more)


def train(folder, source, out, *more):
    return run(WEIR, "train", "tagger", "--from", str(source), "--out", str(folder / out),
               "--epochs", "2", "--rows", "4096", *more)


def learns_the_same_twice(folder):
    made = run(sys.executable, GENERATOR, "--texts", "400", "--seed", "5")
    assert made.returncode == 0, made.stderr
    again = run(sys.executable, GENERATOR, "--texts", "400", "--seed", "5")
    assert made.stdout == again.stdout
    source = folder / "texts.jsonl"
    source.write_text(made.stdout, encoding="utf-8")
    for out in ("a.bin", "b.bin"):
        done = train(folder, source, out)
        assert done.returncode == 0, done.stderr
        assert "400 texts" in done.stdout and "PERSON" in done.stdout, done.stdout
        assert "epoch 2 of 2" in done.stderr, done.stderr
    assert (folder / "a.bin").read_bytes() == (folder / "b.bin").read_bytes()
    done = run(WEIR, "scan", "--weights", str(folder / "a.bin"), input="ask Ana Diaz")
    assert done.returncode == 0 and json.loads(done.stdout)["spans"], done.stderr


def damaged_weights_are_refused(folder):
    good = (folder / "a.bin").read_bytes()
    for bad in (good[:-1], good[:100], b"", good[:500] + b"\xff\xff" + good[502:]):
        (folder / "bad.bin").write_bytes(bad)
        done = run(WEIR, "scan", "--weights", str(folder / "bad.bin"), input="x")
        assert done.returncode == 2, done
        assert "these are no tagger weights" in done.stderr, done.stderr


def bad_lines_are_named(folder):
    good = '{"text":"Ask Ana","spans":[{"start":4,"end":7,"type":"PERSON"}]}\n'
    for line, why in (('{"spans":[]}', "there is no \"text\""),
                      ('{"text":"a","spans":[{"start":0,"end":1,"type":"DOG"}]}',
                       "no such type"),
                      ('{"text":"a"', "bad.jsonl:2: "),
                      ('{"text":"a","spans":[{"start":0,"end":9,"type":"PERSON"}]}',
                       "text 2: span 1")):
        source = folder / "bad.jsonl"
        source.write_text(good + line + "\n")
        done = train(folder, source, "never.bin")
        assert done.returncode == 2 and why in done.stderr, (line, done.stderr)
    assert not (folder / "never.bin").exists()
    done = train(folder, folder / "missing.jsonl", "never.bin")
    assert done.returncode == 2 and "missing.jsonl: No such file" in done.stderr
    assert train(folder, source, "x.bin", "--seed", "-1").returncode == 2


def main():
    done = run(sys.executable, GENERATOR, "--selftest")
    assert done.returncode == 0 and done.stdout.startswith("ok: "), done
    with tempfile.TemporaryDirectory() as d:
        folder = Path(d)
        learns_the_same_twice(folder)
        damaged_weights_are_refused(folder)
        bad_lines_are_named(folder)


main()
