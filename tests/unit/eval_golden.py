"""eval_golden.py -- the figures of `weir eval` against a second, slow implementation:
eval_golden.py WEIR GOLDEN

The prompts and answers are made here, by a generator with a fixed start.  What can be
known from outside (length, oracle, and the judge's order by --each) is reckoned anew in
plain Python, from the definitions in src/eval/apgr.h, and must agree to nine digits.
What cannot (the order of policy learned) must be within .001 of what GOLDEN has, so that
a change of weights, of the reading of prompts or of the judge shows.  After one that is
meant: eval_golden.py WEIR GOLDEN --write."""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

WEIR, GOLDEN = sys.argv[1], Path(sys.argv[2])
NEAR, MOST = 1e-9, 0.001
SAME = ("apgr", "cpt50", "cpt80", "share95", "oracle", "length")
WORDS = ("river garden kitchen winter music letter window market prove integral train number "
         "poem python table average city summer").split()
MASK = (1 << 64) - 1


# -- siphash-1-3, for equal scores go by the hash of the id -----------------------------

def rotate(x, by):
    return ((x << by) | (x >> (64 - by))) & MASK


def siphash(data):
    v = [0x736f6d6570736575, 0x646f72616e646f6d, 0x6c7967656e657261, 0x7465646279746573]

    def turn():
        v[0] = (v[0] + v[1]) & MASK
        v[1] = rotate(v[1], 13) ^ v[0]
        v[0] = rotate(v[0], 32)
        v[2] = (v[2] + v[3]) & MASK
        v[3] = rotate(v[3], 16) ^ v[2]
        v[0] = (v[0] + v[3]) & MASK
        v[3] = rotate(v[3], 21) ^ v[0]
        v[2] = (v[2] + v[1]) & MASK
        v[1] = rotate(v[1], 17) ^ v[2]
        v[2] = rotate(v[2], 32)
    padded = data + bytes(-(len(data) + 1) % 8) + bytes([len(data) & 255])
    for i in range(0, len(padded), 8):
        m = int.from_bytes(padded[i:i + 8], "little")
        v[3] ^= m
        turn()
        v[0] ^= m
    v[2] ^= 255
    for _ in range(3):
        turn()
    return v[0] ^ v[1] ^ v[2] ^ v[3]


# -- the figures, slowly ----------------------------------------------------------------

def first_to_cloud(rows, scores):
    keys = [(-s, siphash(r["id"].encode())) for r, s in zip(rows, scores)]
    return sorted(range(len(rows)), key=lambda i: keys[i])


def quality(rows, order, sent):
    to_cloud = set(order[:sent])
    return sum(r["cloud_score"] if i in to_cloud else r["local_score"]
               for i, r in enumerate(rows)) / len(rows)


def curve(rows, order):
    """Eleven edges: the quantiles of the ranks; at the last one nothing goes."""
    n = len(rows)
    points = []
    for k in range(10, -1, -1):
        # The best rank is n - 1; those at or above the edge go. In tenths, to be exact.
        sent = sum(10 * rank >= (n - 1) * k for rank in range(n)) if k < 10 else 0
        points.append((sent / n, quality(rows, order, sent)))
    return points


def crossing(points, q):
    """numpy.interp(q, qualities, shares)."""
    shares, at = [p[0] for p in points], [p[1] for p in points]
    if q < at[0]:
        return shares[0]
    if q > at[-1]:
        return shares[-1]
    lo, hi = 0, len(at)
    while lo < hi:
        mid = (lo + hi) // 2
        lo, hi = (mid + 1, hi) if q >= at[mid] else (lo, mid)
    j = max(lo - 1, 0)
    if j == len(at) - 1 or at[j + 1] == at[j]:
        return shares[j]
    return shares[j] + (q - at[j]) * (shares[j + 1] - shares[j]) / (at[j + 1] - at[j])


def figures(rows, scores):
    order, n = first_to_cloud(rows, scores), len(rows)
    local, cloud = quality(rows, order, 0), quality(rows, order, n)
    points = curve(rows, order)
    area = sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in zip(points, points[1:]))
    return {"apgr": (area - local) / (cloud - local),
            "cpt50": 100 * crossing(points, local + 0.5 * (cloud - local)),
            "cpt80": 100 * crossing(points, local + 0.8 * (cloud - local)),
            "share95": next(100 * k / n for k in range(n + 1)
                            if quality(rows, order, k) >= 0.95 * cloud - NEAR)}


# -- the files --------------------------------------------------------------------------

class Numbers:
    """A linear congruential generator (Knuth's MMIX), the same everywhere."""

    def __init__(self, start):
        self.x = start

    def below(self, n):
        self.x = (self.x * 6364136223846793005 + 1442695040888963407) & MASK
        return (self.x >> 33) % n


def rows_of(start, n, steps):
    """Scores in so many steps: 1 has many that are equal, 1000 hardly any."""
    numbers, rows = Numbers(start), []
    for i in range(n):
        a, b = numbers.below(99), numbers.below(99)
        words = " ".join(WORDS[numbers.below(len(WORDS))] for _ in range(numbers.below(30)))
        hard = numbers.below(3)
        text = [f"{words}?", f"Prove that {a} of {words} is {b}.",
                f"How many are {a} of {words} and {b}?"][hard]
        answers = [{"engine": "l", "text": f"The answer is {a + b * numbers.below(2)}."}]
        answers += [{"engine": f"m{k}", "text": f"#### {a + b * numbers.below(2)}"}
                    for k in range(numbers.below(3))]
        rows.append({"id": f"row {start}-{i}", "prompt": text, "answers": answers,
                     "local_score": numbers.below(steps + 1) / steps,
                     "cloud_score": max(numbers.below(steps + 1), numbers.below(steps + 1))
                     / steps})
    return rows


FILES = {"ten": (1, 10, 1000), "ties": (2, 61, 1), "fine": (3, 137, 1000), "odd": (4, 400, 4)}


def weir(*args):
    done = subprocess.run([WEIR, *map(str, args)], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"eval_golden: {args}: {done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def compare(what, got, want, most):
    for name in SAME:
        if name in want and not abs(got[name] - want[name]) <= most:
            sys.exit(f"eval_golden: {what}: {name} is {got[name]}, and should be {want[name]}")


def by_hand():
    """Ten prompts, of which only the two longest gain, by a whole point each: the curve
    rises from 0 to .1 to .2 over the first two tenths and is flat from there on."""
    rows = [{"id": str(i), "prompt": "x" * (i + 1), "local_score": 0,
             "cloud_score": int(i >= 8)} for i in range(10)]
    want = {"apgr": 0.9, "cpt50": 10, "cpt80": 16, "share95": 20}
    compare("by hand", figures(rows, [len(r["prompt"]) for r in rows]), want, NEAR)
    return rows


def measure(folder, name, rows):
    """Both verbs' figures, the reckoned ones checked."""
    path = folder / f"{name}.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in rows))
    shared = {"length": figures(rows, [len(r["prompt"]) for r in rows])["apgr"],
              "oracle": figures(rows, [r["cloud_score"] - r["local_score"]
                                       for r in rows])["apgr"]}
    route = weir("eval", "route", "--json", path)[0]
    compare(f"route {name}", route, shared, NEAR)
    *each, escalate = weir("eval", "escalate", "--json", "--each", path)
    scores = {e["id"]: 1 - e["score"] for e in each}
    compare(f"escalate {name}", escalate,
            {**shared, **figures(rows, [scores[r["id"]] for r in rows])}, NEAR)
    if abs(escalate["prompt_only"] - route["apgr"]) > NEAR:
        sys.exit(f"eval_golden: {name}: the two verbs differ about policy learned")
    return {verb: {k: round(f[k], 4) for k in SAME}
            for verb, f in (("route", route), ("escalate", escalate))}


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "hand.jsonl"
        path.write_text("".join(json.dumps(r) + "\n" for r in by_hand()))
        hand = weir("eval", "route", "--json", path)[0]
        compare("route by hand", hand, {"length": 0.9, "oracle": 0.9}, NEAR)
        got = {n: measure(folder, n, rows_of(*how)) for n, how in FILES.items()}
    if "--write" in sys.argv:
        GOLDEN.write_text(json.dumps(got, indent=1) + "\n")
        return
    want = json.loads(GOLDEN.read_text())
    for name in FILES:
        for verb in ("route", "escalate"):
            compare(f"{verb} {name} against {GOLDEN.name}", got[name][verb],
                    want[name][verb], MOST)


main()
