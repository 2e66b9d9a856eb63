#!/usr/bin/env python3
"""Lines to learn names from:
names_corpus.py --data DIR --census DIR [--blind DIR] [--made FILE] > lines.jsonl

DIR holds corpora/*.train.jsonl.gz and *.dev.jsonl.gz (sentences with people, places and
firms marked; of a dev part every second hundred is for measuring, names_split.py), negatives/*.jsonl.gz (texts without private people) and lists/names_by_locale.tsv.gz; see
NOTICE for where they come from.  Files that begin with "m_" and negatives that are not
for training, whose number is divisible by 5 (held out) or that may name somebody are
left out.  --made are lines of guard_generate.py.

Languages without labelled text get sentences of names_foreign.py.  --code are folders of
installed sources: pieces of them in which no author is named, since words of programs are
no people; every fourth file is left for measuring.

Documents of the kind that people paste (names_documents.py): texts written for this, and with
--blind those of the blind sets that were looked at, and their ordinary prompts that name
nobody.

Neighbours are joined, as prompts are longer than a sentence; in a share of the texts
names are swapped for others of the language (corpora name famous people), capitals or
accents dropped.  The same files and seed give the same lines."""
import argparse
import collections
import gzip
import json
import os
import random
import re
import sys
import unicodedata
import zlib
from pathlib import Path

import names_documents
import names_split
from names_foreign import Foreign, serbian, ukrainian

# How often a source is taken, and at most how many sentences of it.
TIMES = {"btc_en": 3, "wnut17_en": 4, "wikigold_en": 2, "factrueval_ru": 3, "hironsan_ja": 2,
         "sec_en": 1, "uner_en_ewt": 4, "germeval_de": 2}
MOST = {"nerkor_hu": 30000, "norne_no": 30000}
NEGATIVE_TIMES = 2  # each time another part of a long text
MOST_BYTES, MOST_OTHERS = {"debian_descriptions": 450}, 700
MOST_WIKI = {"en": 16000, "ru": 12000, "pl": 10000}
# Sentences made for languages without labelled text.
FOREIGN = {"ar": 11000, "fa": 6000, "he": 2500, "el": 11000, "uk": 9000, "bg": 2500,
           "ne": 2500, "ta": 800, "bn": 800}
# Documents are each taken so often; texts of the blind sets have three to five fillings already.
WRITTEN_TIMES, NEWS_TIMES, BLIND_TIMES, LITERAL = 8, 3, 3, .25
DOCUMENTS = ("2026-11-28", "2026-11-29", "2026-11-29b", "2026-11-30", "2026-11-30b", "2026-11-30c",
             "2026-11-30d", "2026-11-30e", "2026-12-01")
ORDINARY = ("2026-11-28", "2026-11-29b", "2026-11-30b", "2026-11-30c", "2026-11-30d", "2026-11-30e",
            "2026-12-01")  # those looked at
JOINED_MOST = 500  # characters; longer documents stand alone
SOURCES = {".py", ".c", ".h", ".cpp", ".hpp", ".cc", ".go", ".js", ".mjs", ".ts", ".pl",
           ".pm", ".sh", ".php", ".rs", ".java", ".rb"}
CODE_OF_KIND, CODE_BYTES = 2000, 600
CREDIT = re.compile(r"copyright|\(c\)|©|author|written|contribut|maintain|thank|credit|signed"
                    r"|reported|@|\bby [A-Z]|\bdue to\b", re.I)
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


def in_other_letters(source, parts, rng):
    """The sentence in letters of a language that has no labelled text."""
    if source == "uner_hr_set" and rng.random() < 0.6:
        return [(serbian(t), k) for t, k in parts]
    if source in ("wikiann ru", "factrueval_ru") and rng.random() < 0.35:
        return [(ukrainian(t), k) for t, k in parts]
    return None


def foreign(data, rng):
    made = Foreign(data / "lists", rng)
    for lang, n in FOREIGN.items():
        for i in range(n):
            parts = made.sentence(lang)
            if rng.random() < 0.06:
                parts = [(t.upper() if rng.random() < 0.5 else t.lower(), k) for t, k in parts]
            yield line_of(parts, f"foreign-{lang}-{i}", True)


def source_files(folders):
    for folder in folders:
        for root, dirs, files in os.walk(folder):
            dirs[:] = sorted(d for d in dirs if d not in (".git", "__pycache__"))
            for name in sorted(files):
                path = os.path.realpath(f"{root}/{name}")
                if os.path.splitext(name)[1] in SOURCES and zlib.crc32(path.encode()) % 4:
                    yield path


def names_somebody(text, first):
    return CREDIT.search(text) or any(
        m[1] in first for m in re.finditer(r"([A-Z][a-z]+) (?=[A-Z][a-z])", text))


def code(folders, first, rng):
    by_kind = collections.defaultdict(set)
    for path in source_files(folders):
        by_kind[os.path.splitext(path)[1]].add(path)
    for kind, paths in sorted(by_kind.items()):
        paths = sorted(paths)
        rng.shuffle(paths)
        pieces = (p for path in paths for p in pieces_of(path, rng) if not
                  names_somebody(p, first))
        for i, text in zip(range(CODE_OF_KIND), pieces):
            yield line_of([(text, None)], f"source{kind}-{i}", True)


def pieces_of(path, rng):
    """At most two of a file."""
    try:
        lines = Path(path).read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError):
        return
    for _ in range(2):
        at = rng.randrange(len(lines))
        text = "\n".join(lines[at:at + rng.randint(6, 40)])[:CODE_BYTES]
        if len(text.strip()) > 60 and max(map(len, text.split("\n"))) < 400:
            yield text


def labelled(data):
    """(source, its rows), those of the train part first."""
    parts = collections.defaultdict(list)
    for split in ("train", "dev"):
        for path in sorted((data / "corpora").glob(f"*.{split}.jsonl.gz")):
            source = path.name.split(".")[0]
            if not source.startswith("m_"):
                rows = read(path)
                parts[source] += rows if split == "train" else filter(names_split.is_learnt, rows)
    return sorted(parts.items())


def corpora(data, names, leave, rng):
    for source, all_rows in labelled(data):
        if source in leave:
            continue
        by_lang = collections.defaultdict(list)
        for row in all_rows:
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
                    other = in_other_letters(f"{source} {lang}" if source == "wikiann" else
                                             source, parts, rng)
                    if other:
                        yield line_of(other, source + row["id"])


def negatives(data, rng):
    for path in sorted((data / "negatives").glob("*.jsonl.gz")):
        for row in read(path) * NEGATIVE_TIMES:
            number = int(row["id"].rsplit("-", 1)[1])
            if row["use"] != "train" or "maybe" in row or number % 5 == 0:
                continue
            text, most = row["text"], MOST_BYTES.get(path.name.split(".")[0], MOST_OTHERS)
            at = rng.randrange(len(text) - most) if len(text) > most else 0
            at = text.rfind(" ", 0, at + 1) + 1  # not inside a word
            parts = [(text[at:at + most], None)]
            if row["kind"] != "code" and rng.random() < 0.15:
                parts = [(parts[0][0].lower(), None)]
            yield line_of(parts, row["id"], True)


def disguise_document(parts, rng):
    """As people type: much in lower case, some in capitals, some without accents."""
    x = rng.random()
    if x < 0.14:
        return [(t.lower(), k) for t, k in parts]
    if x < 0.17:
        return [(t.upper(), k) for t, k in parts]
    if x < 0.23:
        return [(t.lower() if k == "PERSON" else t, k) for t, k in parts]
    if x < 0.26:
        return [(t.upper() if k == "PERSON" else t, k) for t, k in parts]
    return [(plain(t), k) for t, k in parts] if x < 0.32 else parts


def documents(docs, times, swap, group, rng):
    """Short ones stand beside others at times, as in a prompt of several pieces."""
    for time in range(times):
        some, at = list(docs), 0
        rng.shuffle(some)
        while at < len(some):
            n, parts, first = rng.choice((1, 1, 1, 2, 3)), [], at
            while at < len(some) and at - first < n:
                size = sum(len(t) for t, _ in parts + some[at].parts)
                if at > first and size > JOINED_MOST:
                    break
                new = None if time == 0 or rng.random() < LITERAL else swap(some[at])
                parts += [(rng.choice(("\n\n", "\n", " ")), None)] if parts else []
                parts += new or some[at].parts
                at += 1
            yield line_of(disguise_document(parts, rng), group + some[first].name, True)


def capitals_of_names(text, first):
    return any(m[0].lower() in first for m in re.finditer(r"[^\W\d_]{3,}", text) if
               m[0][0].isupper())


def ordinary(folder, date, first):
    """Prompts in which no capital word is a given name: whom the others name is not marked."""
    for row in read(folder / date / "ordinary.jsonl.gz"):
        if not CREDIT.search(row["text"]) and not capitals_of_names(row["text"], first):
            yield line_of([(row["text"], None)], f"ord-{row['id']}", True)


def census(folder):
    return tuple([n for n in gzip.open(folder / f"{what}.txt.gz", "rt").read().split()
                  if n.isalpha() and len(n) > 2] for what in ("first-names", "surnames"))


def towns(data):
    """Names of towns in lower case: whoever is given them in a swap teaches that towns are
    people."""
    with gzip.open(data / "lists" / "places.tsv.gz", "rt", encoding="utf-8") as f:
        return {line.split("\t")[0].lower() for line in f}


def all_documents(o, names, leave, rng):
    lists = names_documents.listed()
    for lang, halves in names.of.items():
        for half in (0, 1) if lang != "latin" else ():
            lists[lang][half].extend(halves[half])
    swap = names_documents.Swapper(lists, census(o.census), rng, towns(o.data))
    by_file = collections.defaultdict(list)
    for doc in names_documents.written():
        stem = doc.name.split("-")[0]
        if f"written-{stem}-{doc.fifth}" not in leave:
            by_file[stem].append(doc)
    for stem, docs in sorted(by_file.items()):
        if f"written-{stem}" not in leave:
            times = NEWS_TIMES if stem.startswith("news") else WRITTEN_TIMES
            yield from documents(docs, times, swap, "written-", rng)
    for date in DOCUMENTS if o.blind else ():
        if f"doc-{date}" not in leave:
            docs = list(names_documents.blind(o.blind, (date,)))
            yield from documents(docs, BLIND_TIMES, swap, "doc-", rng)
    first = {n.lower() for n in names.of["latin"][0] if len(n) > 2}
    for date in ORDINARY if o.blind else ():
        if f"ord-{date}" not in leave:
            for _ in range(2):
                yield from ordinary(o.blind, date, first)


def main():
    o = argparse.ArgumentParser(description=__doc__)
    o.add_argument("--data", required=True, type=Path)
    o.add_argument("--census", required=True, type=Path, help="lists of first-names and surnames")
    o.add_argument("--blind", type=Path, help="tests/blind")
    o.add_argument("--made", type=Path)
    o.add_argument("--code", action="append", default=[], metavar="DIR")
    o.add_argument("--leave", default="", help="sources left out, with commas between")
    o.add_argument("--seed", type=int, default=1)
    o = o.parse_args()
    rng = random.Random(o.seed)
    names = Names(o.data / "lists" / "names_by_locale.tsv.gz", rng)
    for row in corpora(o.data, names, set(o.leave.split(",")), rng):
        print(json.dumps(row, ensure_ascii=False))
    for row in negatives(o.data, rng):
        print(json.dumps(row, ensure_ascii=False))
    leave = set(o.leave.split(","))
    for row in foreign(o.data, rng) if "foreign" not in leave else ():
        print(json.dumps(row, ensure_ascii=False))
    for row in all_documents(o, names, leave, rng):
        print(json.dumps(row, ensure_ascii=False))
    first = {n for n in names.of["latin"][0] if len(n) > 2}
    for row in code(o.code, first, rng):
        print(json.dumps(row, ensure_ascii=False))
    for i, row in enumerate(read(o.made) if o.made else []):
        parts = [(t, k) for t, k in parts_of(row)]
        group = row.get("group", f"made{i}")
        print(json.dumps(line_of(parts, group, True), ensure_ascii=False))


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", errors="surrogatepass")
    main()
