#!/usr/bin/env python3
"""What policy `learned` is worth on sources it has not learnt from:

    eval_route.py WEIR DATA [GOLDEN [--write]]
    eval_route.py WEIR DATA --learn

For each source in DATA/router the router is trained on the others (weir train router
--leave) and measured on pairs of a local and a cloud model (weir eval route), beside
length, chance and what sees both answers; with --learn: what learning while it runs
would be worth (weir eval route --learn). Prompts stay in a temporary folder.

GOLDEN has the APGR of each source and pair, as it was; one that is more than .001 off, or
that GOLDEN does not have (or DATA not), ends with exit code 1. After a change that is
meant (of the weights, of how a prompt is read), --write writes it anew. Where both sides
are so nearly equal that the standard error is above .1, there is no figure to compare."""
import gzip
import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path

ZERO = [("Meta-Llama-3-8B-Instruct", "gpt-4o-2024-05-13"),
        ("Meta-Llama-3.1-8B-Instruct", "claude-3-5-sonnet-20241022"),
        ("Qwen2.5-7B-Instruct", "gpt-4o-2024-08-06")]
MOST, LARGEST_ERROR = 0.001, 0.1
PAIRS = {
    "mmlupro": [("Meta-Llama-3_1-8B-Instruct", "gpt-4o-2024-05-13"),
                ("Mistral-7B-Instruct-v0.2", "gpt-4o-2024-05-13"),
                ("Phi-3-mini-4k-instruct", "gemini-1.5-pro-002"),
                ("Mixtral-8x7B-Instruct-v0.1", "gpt-4o-2024-05-13")],
    "llmrouter": [("llama-3.1-8b-instruct", "llama-3.1-nemotron-51b-instruct"),
                  ("qwen2.5-7b-instruct", "llama-3.1-nemotron-51b-instruct"),
                  ("mistral-7b-instruct-v0.3", "llama-3.1-nemotron-51b-instruct")],
    "zeroeval_crux": ZERO,
    "zeroeval_mathl5": ZERO,
}


def read(path):
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def weir(binary, *args):
    done = subprocess.run([binary, *map(str, args)], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"eval_route: weir {args[0]}: {done.stderr.strip()}")
    return done.stdout


def write_pair(path, rows, local, cloud):
    with open(path, "w", encoding="utf-8") as out:
        for row in rows:
            scores = row["scores"]
            if scores.get(local) is not None and scores.get(cloud) is not None:
                print(json.dumps({"id": row["id"], "prompt": row["prompt"],
                                  "local_score": scores[local],
                                  "cloud_score": scores[cloud]}), file=out)


def show(source, local, cloud, figures):
    f = {k: math.nan if v is None else v for k, v in figures.items()}
    by, error = f["apgr"] - f["length"], f["error_to_length"]
    print(f"{source:16} {local[:22] + ' / ' + cloud[:18]:43} {f['n']:6} "
          f"{f['apgr']:.3f} +-{f['se']:.3f} {f['length']:.3f} {f['random']:.3f} "
          f"{f['oracle']:.3f} {by / error if error else math.nan:+6.1f} {f['cpt50']:5.1f} "
          f"{f['cpt80']:5.1f} {f['share95']:5.1f} {f['ece']:.3f} {f['ece_500']:.3f} "
          f"{f['share_off'] * 100:4.1f} {f['policies']['complexity']:.3f} "
          f"{f['policies']['length-keyword']:.3f} {f['us_p50']:5.1f} {f['us_p99']:5.1f}",
          flush=True)


def show_learning(source, local, cloud, figures):
    """One line a look: what predictions before each outcome lost, and what is left."""
    for look in figures["looks"]:
        views = "  ".join(
            f"{name[:4]} {v['loss']:.4f} {v['ece']:.3f} "
            f"{math.nan if v['apgr'] is None else v['apgr']:.3f}"
            for name, v in ((n, look[n]) for n in ("weights", "calibrated", "adapter")))
        print(f"{source:16} {local[:22] + ' / ' + cloud[:18]:43} {look['outcomes']:5} "
              f"{look['before_weights']:.4f} {look['before_serving']:.4f} "
              f"{look['promoted']:2} {look['rolled_back']:2}  {views}", flush=True)


def compare(got, path):
    """Exit code: 0 when all figures are those of the golden file."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    want = {tuple(cells[:3]): float(cells[3])
            for cells in (line.split("\t") for line in lines if line and line[0] != "#")}
    faults = [f"{' '.join(key)}: APGR is {got.get(key)}, and {path.name} has {want.get(key)}"
              for key in sorted(got.keys() | want.keys())
              if key not in got or key not in want or abs(got[key] - want[key]) > MOST]
    for fault in faults:
        print(f"eval_route: {fault}", file=sys.stderr)
    print(f"{len(want)} figures in {path}; {len(faults)} differ by more than {MOST}")
    return 1 if faults else 0


def write_golden(got, path):
    path.write_text("# source left out, local model, cloud model, APGR of policy learned;\n"
                    "# written by tools/eval_route.py --write\n" +
                    "".join("\t".join([*key, f"{got[key]:.4f}"]) + "\n"
                            for key in sorted(got)), encoding="utf-8")


def main():
    binary, data = sys.argv[1], Path(sys.argv[2]) / "router"
    learns = sys.argv[3:] == ["--learn"]
    golden = Path(sys.argv[3]) if len(sys.argv) > 3 and not learns else None
    got = {}
    paths = {p.name[len("matrix_"):-len(".jsonl.gz")]: p
             for p in sorted(data.glob("matrix_*.jsonl.gz"))}
    if not paths:
        sys.exit(f"eval_route: no matrix_*.jsonl.gz in {data}")
    if learns:
        print(f"{'left out':16} {'local / cloud':43} {'n':>5} before served up down  "
              "then for each: log loss, calibration error, APGR")
    else:
        print(f"{'left out':16} {'local / cloud':43} {'n':>6} learned       length chance oracle"
              " sigmas  cpt50 cpt80 sh95  ece  ece500 off  compl len-kw p50us p99us")
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        rows = {name: read(path) for name, path in paths.items()}
        for name, path in paths.items():
            (folder / f"{name}.jsonl").write_bytes(gzip.open(path).read())
        for name in paths:
            weights, pair = folder / "weights.bin", folder / "pair.jsonl"
            weir(binary, "train", "router", *(folder / f"{n}.jsonl" for n in paths),
                 "--leave", name, "--out", weights)
            for local, cloud in PAIRS.get(name, []):
                write_pair(pair, rows[name], local, cloud)
                more = ["--learn"] if learns else []
                figures = json.loads(weir(binary, "eval", "route", pair, "--weights",
                                          weights, "--json", *more))
                (show_learning if learns else show)(name, local, cloud, figures)
                if golden and figures["se"] is not None and figures["se"] <= LARGEST_ERROR:
                    got[name, local, cloud] = figures["apgr"]
    if golden and "--write" in sys.argv:
        write_golden(got, golden)
    return compare(got, golden) if golden else 0


if __name__ == "__main__":
    sys.exit(main())
