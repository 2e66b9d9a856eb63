#!/usr/bin/env python3
"""Are the marks of data/guard/generate/documents right?  names_marks.py [FILE...]

Prints what looks like a mistake: a record without a head of the known form, a bracket without
its fellow, a blank or a title inside a mark, and a word that is marked in one place of a record
and stands bare in another.  A bare word may be right ("Rose" and the rose); who reads the list
decides.  Exit 1 when there is something to mend for certain: a head or a bracket."""
import re
import sys
from pathlib import Path

from names_documents import FOLDER, HEAD, MARK, PARTICLES, RUN

TITLE = re.compile(r"(?i)(mr|mrs|ms|miss|dr|prof|sir|madam|frau|herr|mme|mlle|sra?|don|doña|pan|pani"
                   r"|sig|dott|ing|revd?|fr|sgt|capt|pc|dame|lord|lady|canon|sister|auntie?|uncle"
                   r"|grandma|nan|cikgu|pak|bu|ibu|khun|pn|en|encik|puan|господин|г-н|г-жа|пан|пані"
                   r"|кир|κος|κα|δρ)\.?\s")
UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u9fff\uac00-\ud7af]")


def words_of(text):
    return {w for w in RUN.findall(text) if len(w) > 2 and w.lower() not in PARTICLES}


def bare_words(text):
    """Marked words that stand outside of a mark, too."""
    marked = set().union(*(words_of(m) for m in MARK.findall(text)), set())
    rest = MARK.sub(" | ", text)
    bare = {w for w in words_of(rest) if w in marked and not UNSPACED.match(w)}
    for m in set(MARK.findall(text)):
        if len(m) > 1 and UNSPACED.match(m) and m in rest:
            bare.add(m)
    return bare


def look(where, text):
    """(message, is it certain)"""
    if text.count("[[") != text.count("]]") or "[[" in MARK.sub("", text):
        yield f"{where}: a bracket without its fellow", True
    for m in MARK.findall(text):
        if m != m.strip() or not m or "[[" in m:
            yield f"{where}: blanks or brackets inside [[{m}]]", True
        elif TITLE.match(m) and not m.startswith(("Don ", "En ", "Bu ")):
            yield f"{where}: a title inside [[{m}]]", False
    for w in sorted(bare_words(text)):
        at = re.search(re.escape(w), MARK.sub(lambda m: "#" * len(m[0]), text))
        near = text[max(0, at.start() - 30):at.end() + 20].replace("\n", " ") if at else ""
        yield f"{where}: '{w}' is marked and stands bare: ...{near}...", False


def records(path):
    head, lines, at = None, [], 0
    for n, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if line.startswith("==="):
            if head:
                yield head, at, "\n".join(lines)
            head, lines, at = line, [], n
        else:
            lines.append(line)
    if head:
        yield head, at, "\n".join(lines)


def main():
    bad = 0
    for path in [Path(a) for a in sys.argv[1:]] or sorted(FOLDER.glob("*.txt")):
        for head, at, text in records(path):
            where = f"{path.name}:{at}"
            m = HEAD.fullmatch(head)
            if not m or not (m[3] or m[1] == "names"):
                print(f"{where}: no head of the known form: {head}")
                bad += 1
                continue
            for message, is_certain in look(where, text) if m[3] else ():
                print(message)
                bad += is_certain
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
