#!/usr/bin/env python3
"""Who is a person to `weir scan --names`, on real text: eval_names.py WEIR DATA
[--most N] [--split dev] [--weights FILE] [--left-out SOURCES]

DATA/ner/corpora holds sentences with people marked.  A person is found when any span
overlaps them, and a span is right when it overlaps a person; F2 counts a miss four times
as much as an invention.  Of a dev part that is half learnt from (names_split.py) only the
other half is read.  Sources that weights were learnt from are told from those that
they never saw, and the latter come first: only these say how the reader does on text of
somebody else's.  Negatives are texts in which nobody private is named; those whose number
is divisible by 5 were held out of the training, and those marked "maybe" are left out."""
import argparse
import collections
import gzip
import json
import random
import subprocess
from pathlib import Path

from names_split import is_learnt

GROUPS = ("English mail and web", "social", "other Latin", "Cyrillic, Greek",
          "Han, Hangul, Devanagari, Arabic")
SOCIAL = {"btc_en", "wnut17_en"}
EASTERN = {"ar", "fa", "hi", "ja", "ko", "ne", "zh", "zh-Hans", "zh-Hant", "am"}
# Sources with lines in data/guard/names.bin; see NOTICE.
TRAINED = {"btc_en", "dane_da", "europeana_fr", "factrueval_ru", "hiner_hi", "hironsan_ja",
           "klue_ko", "ler_de", "meddocan_es", "nerkor_hu", "norne_no", "ronec_ro", "sec_en",
           "stockmark_ja", "swe_sv", "turku_fi", "uner_hr_set", "uner_zh_gsd",
           "uner_zh_hans", "wikiann", "wikigold_en", "wnut17_en", "uner_en_ewt", "germeval_de"}


def group_of(source, lang):
    if source == "uner_en_ewt":
        return GROUPS[0]
    if source in SOCIAL:
        return GROUPS[1]
    if lang in EASTERN:
        return GROUPS[4]
    return GROUPS[3] if lang in ("ru", "uk", "el", "bg") else GROUPS[2]


def read(path, most, seed):
    with gzip.open(path, "rt", encoding="utf-8") as f:
        by_lang = collections.defaultdict(list)
        for line in f:
            row = json.loads(line)
            if not is_learnt(row):
                by_lang[row["lang"]].append(row)
    for lang, rows in sorted(by_lang.items()):
        random.Random(seed).shuffle(rows)
        yield lang, rows[:most]


def persons(command, texts):
    lines = "".join(json.dumps({"id": i, "text": t}) + "\n" for i, t in enumerate(texts))
    done = subprocess.run(command, input=lines.encode(), capture_output=True, check=True)
    return [[(s["start"], s["end"]) for s in json.loads(line)["spans"]
             if s["type"] == "PERSON"] for line in done.stdout.splitlines()]


def touches(a, spans):
    return any(s < a[1] and e > a[0] for s, e in spans)


class Count:
    def __init__(self):
        self.gold = self.found = self.told = self.right = 0

    def add(self, gold, told):
        self.gold += len(gold)
        self.found += sum(touches(g, told) for g in gold)
        self.told += len(told)
        self.right += sum(touches(t, gold) for t in told)

    def join(self, other):
        for k in vars(self):
            setattr(self, k, getattr(self, k) + getattr(other, k))

    def __str__(self):
        r = self.found / self.gold if self.gold else 0
        p = self.right / self.told if self.told else 0
        f2 = 5 * p * r / (4 * p + r) if p + r else 0
        return f"F2 {f2:.3f}  recall {r:.3f} of {self.gold:5}  precision {p:.3f} of {self.told:5}"


def corpora(o, command, trained):
    counts = collections.defaultdict(Count)
    rows = []
    for path in sorted((o.data / "ner" / "corpora").glob(f"*.{o.split}.jsonl.gz")):
        source = path.name.split(".")[0]
        for lang, lines in read(path, o.most, 7):
            c = Count()
            for row, told in zip(lines, persons(command, [r["text"] for r in lines])):
                c.add([(s["start"], s["end"]) for s in row["spans"]
                       if s["type"] == "PERSON"], told)
            group, seen = group_of(source, lang), source in trained
            counts[group, seen].join(c)
            counts[group, None].join(c)
            rows.append((group, seen, f"{source} {lang}", c))
    for group in GROUPS:
        print(f"== {group}")
        for seen, what in ((False, "held out"), (True, "other lines of this source learnt from"),
                           (None, "all")):
            if (group, seen) in counts:
                print(f"{what:42} {counts[group, seen]}")
        for g, seen, name, c in sorted(rows, key=lambda r: (r[1], r[2])):
            if g == group:
                print(f"    {name + ('' if seen else ' (held out)'):38} {c}")


def negatives(o, command):
    kinds = collections.defaultdict(list)
    for path in sorted((o.data / "ner" / "negatives").glob("*.jsonl.gz")):
        for _, rows in read(path, 10 ** 9, 7):
            for row in rows:
                if "maybe" in row or int(row["id"].rsplit("-", 1)[1]) % 5:
                    continue
                lang = row["lang"] if row["lang"] in ("en", "de") else "other"
                what = "code" if row["kind"] == "code" else lang
                if row["use"] != "train":
                    what += ", of a source never learnt from"
                kinds[what].append(row["text"])
    print("== negatives with an invented person")
    for what, texts in sorted(kinds.items()):
        random.Random(7).shuffle(texts)
        told = persons(command, texts[:2 * o.most])
        k = sum(bool(t) for t in told)
        print(f"{what:42} {k / len(told):.4f}  ({k} of {len(told)})")


def main():
    o = argparse.ArgumentParser(description=__doc__)
    o.add_argument("weir")
    o.add_argument("data", type=Path)
    o.add_argument("--most", type=int, default=1500, help="sentences of a source and language")
    o.add_argument("--split", default="dev")
    o.add_argument("--weights")
    o.add_argument("--left-out", default="", help="sources that these weights never saw")
    o = o.parse_args()
    command = [o.weir, "scan", "--names"] + (["--weights", o.weights] if o.weights else [])
    corpora(o, command, TRAINED - set(o.left_out.split(",")))
    negatives(o, command)


if __name__ == "__main__":
    main()
