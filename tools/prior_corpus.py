#!/usr/bin/env python3
"""Lines to learn from whether a text speaks of private people:
prior_corpus.py --data DIR --blind DIR [--made FILE] [--leave NAMES] [--held FILE] > lines.jsonl

Texts with marked persons (the private ones of data/guard/generate/documents, documents of
the blind sets that were looked at, the seen genres of the second set, real mail, clinical and
made-up texts) are private; names in questions, sums, software texts, the public texts of that
folder and ordinary prompts that were looked at are nobody's.  Sentences of articles are left
out: by themselves they look like those of a mail.  Of real negatives those that may name
somebody or are not for training are left out, and every
fifth is kept for measuring.  --leave a,b: these sources go to --held instead."""
import argparse
import collections
import gzip
import json
import random
import sys
import zlib
from pathlib import Path

import names_documents
from names_corpus import DOCUMENTS, ORDINARY

GENERATE = Path(__file__).resolve().parent.parent / "data/guard/generate/prior.txt"
SEEN = Path(__file__).resolve().parent / "guard_genres_seen.txt"
FILLINGS = 20
MOST_NEGATIVE, MOST_CLINICAL, MOST_MADE, MOST_ASKED = 2400, 1500, 3000, 4000
MOST_NEGATIVE_OTHER = 8000  # in other languages than English, of a source
REAL_TIMES = 4  # sentences of real mail are few
WRITTEN_TIMES = {"private": 2, "short": 4, "public": 6, "questions": 4}  # a line says less than a letter
PRIVATE_KINDS = {"chat", "mail"}  # of the made-up texts; others are of known people, too


def read(path):
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as f:
        return [json.loads(line) for line in f if line.strip()]


def persons(row):
    return [{k: s[k] for k in ("start", "end", "type")} for s in row["spans"]
            if s["type"] == "PERSON"]


def some(rows, most, dice):
    return rows if len(rows) <= most else dice.sample(rows, most)


class Names:
    def __init__(self, path, dice):
        self.dice, self.of = dice, collections.defaultdict(lambda: ([], []))
        with gzip.open(path, "rt", encoding="utf-8") as f:
            for line in f:
                place, kind, name, *_ = line.rstrip("\n").split("\t")
                which = 0 if kind.startswith("first") else 1 if kind.startswith("last") else None
                if which is not None:
                    self.of[place[:2]][which].append(name)

    def fill(self, template, lang):
        first, last = self.of[lang]
        if not first or not last:
            first, last = self.of["en"]
        glue = "" if lang in ("zh", "ja", "ko") else " "
        text, spans, rest = "", [], template
        while "{" in rest:
            head, _, rest = rest.partition("{")
            a, b = self.dice.choice(first), self.dice.choice(last)
            kind, rest = rest[0], rest[2:]
            name = a if kind == "F" else b if kind == "L" else (
                b + glue + a if glue == "" or lang == "hu" else a + glue + b)
            text += head
            at = len(text.encode())
            text += name
            spans.append({"start": at, "end": len(text.encode()), "type": "PERSON"})
        return text + rest, spans


def made_lines(names):
    for i, line in enumerate(GENERATE.read_text(encoding="utf-8").splitlines()):
        if not line or line[0] == "#":
            continue
        lang, sign, template = line.split(" ", 2)
        for _ in range(FILLINGS):
            text, spans = names.fill(template, lang)
            yield f"lines-{'abcd'[i % 4]}-{lang}", {"text": text, "spans": spans if sign == "+" else []}


def blind(folder):
    """Those that were looked at: the others say how well it does."""
    for date in DOCUMENTS:
        for r in read(folder / date / "documents.jsonl.gz"):
            if persons(r):
                yield f"doc-{date}", {"text": r["text"], "spans": persons(r)}
    for date in ORDINARY:
        for r in read(folder / date / "ordinary.jsonl.gz"):
            for _ in range(2):
                yield f"ord-{date}", {"text": r["text"], "spans": []}


def written():
    """Our own documents; in public ones nobody who is named is private.  Reports are left
    out: by their words they are like what is told of private people."""
    for doc in names_documents.written():
        if doc.name.startswith("news"):
            continue
        text, spans = "", []
        for part, kind in doc.parts:
            at = len(text.encode())
            text += part
            if kind and not doc.is_public:
                spans.append({"start": at, "end": len(text.encode()), "type": "PERSON"})
        if not doc.is_public and not spans:
            continue
        stem, kind = doc.name.split("-")[0], "public" if doc.is_public else "private"
        for _ in range(WRITTEN_TIMES.get(stem, WRITTEN_TIMES[kind])):
            yield f"written-{stem}-{kind}-{doc.fifth}", {"text": text, "spans": spans}


def second_set(data):
    seen = {s.split()[0] for s in SEEN.read_text().split("\n") if s.strip() and s[0] != "#"}
    for r in read(data / "pii2/guard2_dev.jsonl.gz"):
        if r["genre"] in seen and persons(r):
            yield "pii2", {"text": r["text"], "spans": persons(r)}
    for name in ("presidio", "gateway"):
        for r in read(data / f"pii/pii_{name}_dev.jsonl.gz"):
            if persons(r):
                yield name, {"text": r["text"], "spans": persons(r)}


def corpora(data, dice):
    rows = [r for r in read(data / "ner/corpora/meddocan_es.train.jsonl.gz") if persons(r)]
    for r in some(rows, MOST_CLINICAL, dice):
        yield "meddocan", {"text": r["text"], "spans": persons(r)}
    for i, r in enumerate(read(data / "ner/corpora/uner_en_ewt.dev.jsonl.gz")):
        if r["source"].endswith("/email") and persons(r):
            for _ in range(REAL_TIMES):
                yield f"mail-{'ab'[i % 2]}", {"text": r["text"], "spans": persons(r)}


def asked(data, dice):
    for path in sorted(data.glob("router/matrix_*.jsonl.gz")):
        for r in some(read(path), MOST_ASKED, dice):
            yield path.stem.split(".")[0], {"text": r["prompt"][:4000], "spans": []}
    for path in sorted(data.glob("ner/negatives/*.jsonl.gz")):
        rows = [r for r in read(path) if r["use"] == "train" and not r.get("maybe")
                and int(r["id"].rsplit("-", 1)[1]) % 5]
        english = [r for r in rows if r["lang"] == "en"]
        other = [r for r in rows if r["lang"] != "en"]
        if not path.name.startswith("prompts"):
            english = some(english, MOST_NEGATIVE, dice)
            other = some(other, MOST_NEGATIVE_OTHER, dice)
        for r in english + other:
            yield path.name.split(".")[0], {"text": r["text"], "spans": []}


def made(path, dice):
    rows = [r for r in read(path) if persons(r) and r["group"].split("-")[0] in PRIVATE_KINDS]
    for r in some(rows, MOST_MADE, dice):
        yield "made", {"text": r["text"], "spans": persons(r)}


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--blind", type=Path, required=True)
    p.add_argument("--made", type=Path)
    p.add_argument("--leave", default="")
    p.add_argument("--held", type=Path)
    args = p.parse_args()
    dice = random.Random(7)
    names = Names(args.data / "ner/lists/names_by_locale.tsv.gz", dice)
    leave = tuple(filter(None, args.leave.split(",")))
    held = open(args.held, "w", encoding="utf-8") if args.held else None
    count = collections.Counter()
    sources = [blind(args.blind), second_set(args.data), corpora(args.data, dice),
               asked(args.data, dice), made_lines(names), written()]
    if args.made:
        sources.append(made(args.made, dice))
    for source in sources:
        for name, row in source:
            out = held if held and leave and name.startswith(leave) else sys.stdout
            row["group"] = f"{name}-{zlib.crc32(row['text'].encode()):x}"
            count[name, bool(row["spans"]), out is held] += 1
            if out is not None:
                out.write(json.dumps(row, ensure_ascii=False) + "\n")
    for (name, private, is_held), n in sorted(count.items()):
        print(f"{name:24} {'+' if private else '-'} {n:6} {'held' if is_held else ''}",
              file=sys.stderr)


if __name__ == "__main__":
    main()
