#!/usr/bin/env python3
"""Lines to learn names from: names_corpus.py --data DIR [--made FILE] > lines.jsonl

DIR holds corpora/*.train.jsonl.gz (sentences with people, places and firms marked),
negatives/*.jsonl.gz (texts without private people) and lists/names_by_locale.tsv.gz; see
NOTICE for where they come from.  Files that begin with "m_" and negatives that are not
for training, whose number is divisible by 5 (held out) or that may name somebody are
left out.  --made are lines of guard_generate.py.

Neighbours are joined, as prompts are longer than a sentence; in a share of the texts
names are swapped for others of the language (corpora name famous people), capitals or
accents dropped.  The same files and seed give the same lines."""
import argparse
import collections
import gzip
import json
import random
import sys
import unicodedata
from pathlib import Path

# How often a source is taken, and at most how many sentences of it.
TIMES = {"btc_en": 3, "wnut17_en": 4, "wikigold_en": 2, "factrueval_ru": 3, "hironsan_ja": 2,
         "sec_en": 1}
MOST = {"nerkor_hu": 20000, "norne_no": 20000}
MOST_BYTES = {"debian_descriptions": 600, "code": 1200}
MOST_WIKI = {"en": 16000, "ru": 12000, "pl": 10000}
PLAIN = {"en", "de", "es", "fr", "it", "nl", "da", "nb", "nn", "sv", "pt", "ro", "zh-Hant",
         "zh-Hans", "ja", "ko", "hi"}  # names do not change their endings there
TYPES = {"PERSON", "LOCATION", "ORG", "ADDRESS"}


def read(path):
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as f:
        return [json.loads(line) for line in f if line.strip()]


def parts_of(row):
    """[(text, type or None)] in order."""
    raw, at, out = row["text"].encode(), 0, []
    for s in row["spans"]:
        if s["start"] > at:
            out.append((raw[at:s["start"]].decode(), None))
        out.append((raw[s["start"]:s["end"]].decode(), s["type"]))
        at = s["end"]
    if at < len(raw):
        out.append((raw[at:].decode(), None))
    return out


def line_of(parts, group, people_only=False):
    text, spans, at = "", [], 0
    for t, kind in parts:
        n = len(t.encode())
        if kind and n and (kind in TYPES or not people_only):
            spans.append({"start": at, "end": at + n,
                          "type": kind if kind in TYPES else "NRP"})
        text, at = text + t, at + n
    row = {"text": text, "group": group, "spans": spans}
    if people_only:
        row["people_only"] = True
    return row


class Names:
    def __init__(self, path, rng):
        self.rng, self.of = rng, collections.defaultdict(lambda: ([], []))
        with gzip.open(path, "rt", encoding="utf-8") as f:
            for line in f:
                place, kind, name, *_ = line.rstrip("\n").split("\t")
                which = 0 if kind.startswith("first") else 1 if kind.startswith("last") else None
                if which is None or len(name) < 2 and name.isascii():
                    continue
                lang = place[:2]
                for key in [lang] + (["latin"] if name[0] < "\u0250" else []):
                    self.of[key][which].append(name)
        for first, last in self.of.values():
            first.sort(), last.sort()

    def swap(self, name, lang):
        if lang not in PLAIN:
            return name
        key = {"nb": "no", "nn": "no"}.get(lang, lang[:2])
        if lang == "en" and self.rng.random() < 0.5 or not all(self.of[key]):
            key = "latin"
        first, last = self.of[key]
        if key in ("zh", "ja", "ko"):
            if not 2 <= len(name) <= 4 or name.isascii() or not first or not last:
                return name
            return self.rng.choice(last) + self.rng.choice(first)
        words = name.split(" ")
        if len(words) > 3 or not all(w[:1].isupper() or w[:1] > "\u0500" for w in words):
            return name
        if len(words) == 1:
            return self.rng.choice(first if self.rng.random() < 0.6 else last)
        middle = [self.rng.choice(first) for _ in words[2:]]
        return " ".join([self.rng.choice(first)] + middle + [self.rng.choice(last)])


def plain(text):
    return "".join(c for c in unicodedata.normalize("NFD", text)
                   if not unicodedata.combining(c) or c >= "\u0500")


def disguise(parts, rng):
    x = rng.random()
    if x < 0.12:
        return [(t.lower(), k) for t, k in parts]
    if x < 0.15:
        return [(t.upper(), k) for t, k in parts]
    if x < 0.18:
        return [(t.lower() if k == "PERSON" else t, k) for t, k in parts]
    if x < 0.28:
        return [(plain(t), k) for t, k in parts]
    return parts


def joined(rows, rng):
    at = 0
    while at < len(rows):
        n = rng.choice((1, 1, 1, 2, 2, 3, 4))
        parts = []
        for row in rows[at:at + n]:
            if parts:
                parts.append((rng.choice((" ", " ", "\n")), None))
            parts += parts_of(row)
        yield rows[at], parts
        at += n


def corpora(data, names, leave, rng):
    for path in sorted((data / "corpora").glob("*.train.jsonl.gz")):
        source = path.name.split(".")[0]
        if source.startswith("m_") or source in leave:
            continue
        by_lang = collections.defaultdict(list)
        for row in read(path):
            by_lang[row["lang"]].append(row)
        for lang, rows in sorted(by_lang.items()):
            most = MOST_WIKI.get(lang, 6000) if source == "wikiann" else MOST.get(source)
            rows = rows[:most]
            for time in range(TIMES.get(source, 1)):
                for row, parts in joined(rows, rng):
                    if rng.random() < 0.4:
                        parts = [(names.swap(t, lang) if k == "PERSON" else t, k)
                                 for t, k in parts]
                    yield line_of(disguise(parts, rng), source + row["id"])


def negatives(data, rng):
    for path in sorted((data / "negatives").glob("*.jsonl.gz")):
        for row in read(path):
            number = int(row["id"].rsplit("-", 1)[1])
            if row["use"] != "train" or "maybe" in row or number % 5 == 0:
                continue
            text, most = row["text"], MOST_BYTES.get(path.name.split(".")[0], 1500)
            at = rng.randrange(len(text) - most) if len(text) > most else 0
            at = text.rfind(" ", 0, at + 1) + 1  # not inside a word
            parts = [(text[at:at + most], None)]
            if row["kind"] != "code" and rng.random() < 0.15:
                parts = [(parts[0][0].lower(), None)]
            yield line_of(parts, row["id"], True)


def main():
    o = argparse.ArgumentParser(description=__doc__)
    o.add_argument("--data", required=True, type=Path)
    o.add_argument("--made", type=Path)
    o.add_argument("--leave", default="", help="sources left out, with commas between")
    o.add_argument("--seed", type=int, default=1)
    o = o.parse_args()
    rng = random.Random(o.seed)
    names = Names(o.data / "lists" / "names_by_locale.tsv.gz", rng)
    for row in corpora(o.data, names, set(o.leave.split(",")), rng):
        print(json.dumps(row, ensure_ascii=False))
    for row in negatives(o.data, rng):
        print(json.dumps(row, ensure_ascii=False))
    for i, row in enumerate(read(o.made) if o.made else []):
        parts = [(t, k) for t, k in parts_of(row)]
        group = row.get("group", f"made{i}")
        print(json.dumps(line_of(parts, group, True), ensure_ascii=False))


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", errors="surrogatepass")
    main()
