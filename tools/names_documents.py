"""Documents in which people are marked, to learn names from; names_corpus.py uses it.

Two kinds are read.  Texts of data/guard/generate/documents/*.txt, written for this (their
form is in the README beside them), and documents of the blind sets that were looked at.
One text is few examples, so each is taken several times with other names: given names for
given ones, family names for family ones, in the same script and case, one replacement for
all mentions of a word.  Part of the new names are of the text's own language, part of any
other, part are made up from pieces, since most names are in no list.  A text of a language
that declines names keeps them, unless a list has every one of them as it stands."""
import collections
import gzip
import json
import re
import unicodedata
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "data/guard/generate/documents"
HEAD = re.compile(r"=== (\S+) \| ([^|\n]+?)(?: \| (private|public))?\s*")
MARK = re.compile(r"\[\[(.+?)\]\]", re.S)
# Their names have endings that say what they do in the sentence.
DECLINED = {"be", "bg", "bs", "cs", "el", "et", "eu", "fi", "hr", "hu", "hy", "is", "ka", "kk",
            "ky", "la", "lt", "lv", "mk", "mn", "pl", "ru", "sk", "sl", "sr", "tr", "uk", "uz",
            "az", "ta", "te", "kn", "ml", "si"}
PARTICLES = {"van", "der", "den", "de", "la", "le", "da", "do", "dos", "das", "di", "del", "della",
             "du", "von", "zu", "zur", "zum", "bin", "ibn", "bint", "binti", "bte", "al", "el", "ben",
             "ap", "ab", "av", "af", "und", "y", "e", "i", "née", "nee", "geb", "ter", "ten", "te",
             "mac", "mc", "ní", "ó", "nic", "san", "santa", "st", "van't", "jr", "sr", "ii", "iii"}
# What some languages glue to the front of a name: "uThandi", "kaDlamini".
GLUED = {"zu": "[a-z]{1,5}(?=[A-Z])", "xh": "[a-z]{1,5}(?=[A-Z])", "ar": "[وف]?[لبك]|[وف]",
         "he": "ו?[לבמהשכ]|ו", "am": "[የለበከ]|ስለ|እነ|[የለበከ]እነ"}
OWN, ANY, COINED = .5, .3, .12  # shares of new names; the rest is of the census lists
SPELT = re.compile(r"[^\W\d_](?:(?P<s>[-. ]| - |, )[^\W\d_])(?:(?P=s)[^\W\d_])+")
RUN = re.compile(r"[^\W\d_](?:[^\W\d_]|[\u0300-\u036f\u0591-\u05c7\u064b-\u0652\u0900-\u0dff"
                 r"\u0e31-\u0e4e\u0eb1-\u0ebd\u102b-\u103e\u1056-\u1060\u17b4-\u17d3\u200c\u200d])*")


class Document:
    """`fifth` is a letter from a to e: whoever wants texts to measure with leaves one letter out."""

    def __init__(self, lang, parts, name, is_public, fifth=""):
        self.lang, self.parts, self.name, self.is_public = lang, parts, name, is_public
        self.fifth = fifth


def parts_of_marked(text):
    out, at = [], 0
    for m in MARK.finditer(text):
        out += [(text[at:m.start()], None)] if m.start() > at else []
        out.append((m[1], "PERSON"))
        at = m.end()
    return out + ([(text[at:], None)] if at < len(text) else [])


def read_records(path):
    """(lang, genre, private|public or None for a list of names, text)"""
    head, lines = None, []
    for line in path.read_text(encoding="utf-8").split("\n"):
        m = HEAD.fullmatch(line)
        if m:
            if head:
                yield *head, "\n".join(lines).strip("\n")
            head, lines = (m[2], "names", None) if m[1] == "names" else m.groups(), []
        else:
            lines.append(line)
    if head:
        yield *head, "\n".join(lines).strip("\n")


def written(folder=FOLDER):
    for path in sorted(folder.glob("*.txt")):
        for i, (lang, _, kind, text) in enumerate(read_records(path)):
            if kind:
                yield Document(lang, parts_of_marked(text), f"{path.stem}-{i}", kind == "public",
                               "abcde"[i % 5])


def listed(folder=FOLDER):
    """{lang: (given, family)} of the lists at the ends of the files."""
    out = collections.defaultdict(lambda: ([], []))
    for path in sorted(folder.glob("*.txt")):
        for lang, genre, kind, text in read_records(path):
            if genre != "names" or kind:
                continue
            for line in text.split("\n"):
                what, _, rest = line.partition(":")
                if what in ("given", "family"):
                    out[lang[:2]][what == "family"].extend(w.replace("_", " ") for w in rest.split())
    return out


def blind(folder, dates):
    for date in dates:
        with gzip.open(folder / date / "documents.jsonl.gz", "rt", encoding="utf-8") as f:
            for row in map(json.loads, f):
                raw, at, parts = row["text"].encode(), 0, []
                for s in row["spans"]:
                    if s["type"] in ("PERSON", "ADDRESS"):
                        parts.append((raw[at:s["start"]].decode(), None))
                        parts.append((raw[s["start"]:s["end"]].decode(), s["type"]))
                        at = s["end"]
                parts.append((raw[at:].decode(), None))
                yield Document(row["lang"], [p for p in parts if p[0]], row["tpl"], False)


def script(word):
    cp = ord(word[0])
    return ("latin" if cp < 0x250 or 0x1E00 <= cp < 0x1F00 else
            "kana" if 0x3040 <= cp < 0x3100 else "hangul" if 0xAC00 <= cp < 0xD7B0 else
            "han" if 0x3400 <= cp < 0xA000 else unicodedata.name(word[0], "?").split()[0])


def in_case_of(like, word):
    if len(like) > 1 and like.isupper():
        return word.upper()
    return word.lower() if like.islower() else word


class Swapper:
    def __init__(self, lists, census, rng, left_out=()):
        """lists: {lang: (given, family)}; census: (given, family) in Latin letters; left_out:
        names in lower case that nobody is given."""
        self.rng, self.left_out = rng, left_out
        self.census = [[n for n in half if n.lower() not in left_out] for half in census]
        self.of = collections.defaultdict(lambda: ([], []))  # by language and script
        self.known = set()
        for lang, halves in sorted(lists.items()):
            for half, names in enumerate(halves):
                for name in sorted(set(names)):
                    self.keep(lang, half, name)

    def keep(self, lang, half, name):
        if not re.fullmatch(r"[^\s\d.,;:()/]{2,}", name):
            return
        self.known.add(name.lower())
        if name.lower() in self.left_out:
            return
        kind = script(name)
        self.of[lang, kind][half].append(name)
        if kind == "latin":
            self.of["any", kind][half].append(name)

    def coined(self, names):
        a, b = self.rng.choice(names), self.rng.choice(names)
        word = a[:self.rng.randint(1, max(1, len(a) - 2))] + b[-self.rng.randint(2, 4):].lower()
        return word[:1].upper() + word[1:] if 3 <= len(word) <= 12 else a

    def draw(self, lang, kind, half):
        own = self.of[lang, kind][half] or self.of[lang, kind][0]
        if kind != "latin":
            return self.rng.choice(own) if own else None
        x, every = self.rng.random(), self.of["any", kind][half]
        if x < OWN and own:
            return self.rng.choice(own)
        if x < OWN + ANY:
            return self.rng.choice(every)
        if x < OWN + ANY + COINED:
            return self.coined(every)
        return self.rng.choice(self.census[half]).capitalize()

    def __call__(self, doc):
        """The parts of the document with other names, or None."""
        lang = {"nb": "no", "nn": "no"}.get(doc.lang[:2], doc.lang[:2])
        people = [t for t, kind in doc.parts if kind == "PERSON"]
        if lang in DECLINED and not all(w.lower() in self.known for t in people
                                        for w in RUN.findall(t) if len(w) > 1):
            return None
        one = Mapping(self, lang, people)
        out = [(one.mention(t) if kind == "PERSON" else t, kind) for t, kind in doc.parts]
        return out if out != doc.parts else None


class Mapping:
    """What each word of a document's names becomes."""

    def __init__(self, swapper, lang, people):
        self.s, self.lang, self.to, self.first = swapper, lang, {}, {}
        self.family = set()  # words that are a family name somewhere
        for t in people:
            runs = [r for r in RUN.findall(t) if r.lower() not in PARTICLES]
            if "," in t and len(runs) > 1:
                self.family.add(runs[0].lower())
            elif len(runs) > 1:
                self.family.add((runs[0] if lang in ("zh", "ja", "ko", "hu", "vi") else
                                 runs[-1]).lower())
        for t in sorted(set(people), key=lambda t: (-len(t), t)):
            if script(t) in ("han", "hangul") and RUN.fullmatch(t):
                self.unspaced(t)

    def unspaced(self, t):
        """Family and given name together; a shorter mention is part of a longer one."""
        if t in self.to or len(t) > 5:
            return
        kind, draw = script(t), self.s.draw
        given, family = draw(self.lang, kind, 0), draw(self.lang, kind, 1)
        if not given or not family:
            return
        at = 1 if self.lang != "ja" else 2
        if len(t) == 1 or self.lang == "ja" and len(t) == 2:
            self.to[t] = family
        elif len(t) == 2 and (self.lang == "ko" or self.s.rng.random() < .4):
            self.to[t] = given
        else:
            self.to[t] = family + given
            self.to.setdefault(t[:at], family)
            self.to.setdefault(t[at:], given)

    def glued(self, w):
        """How long what is glued to the front is; 0 where the whole word is a name."""
        m = re.match(GLUED.get(self.lang, "$^"), w)
        if not m or w.lower() in self.s.known or len(w) - m.end() < 2:
            return 0
        return m.end() if w[m.end():].lower() in self.s.known or w[0].islower() else 0

    def word(self, w):
        front = self.glued(w)
        if front:
            return w[:front] + self.word(w[front:])
        low = w.lower()
        if len(w) == 1:
            return self.initial(w)
        if low in PARTICLES or w in self.to and script(w) in ("han", "hangul"):
            return self.to.get(w, w)
        if script(w) in ("han", "hangul", "kana"):
            return w if script(w) == "kana" else self.to.get(w, w)
        if low not in self.to:
            new = self.s.draw(self.lang, script(w), low in self.family)
            self.to[low] = new or w
        return in_case_of(w, self.to[low])

    def initial(self, w):
        if not ("A" <= w.upper() <= "Z"):
            return w
        letter = self.first.get(w.upper())
        if not letter:
            near = [v[0] for k, v in self.to.items() if k[:1] == w.lower() and v[:1].isalpha()]
            letter = near[0] if near else self.s.rng.choice("ABCDEFGHIJKLMNOPRSTVWYZ")
            self.first[w.upper()] = letter.upper()
        return letter.upper() if w.isupper() else letter.lower()

    def mention(self, t):
        if re.search(r"[\d%&\\={}<>@_]", t):
            return t
        m = SPELT.search(t)
        if m:
            sign = m["s"]
            new = self.word(re.sub(r"\W", "", m[0]).capitalize())
            new = sign.join(in_case_of(m[0], c) for c in re.sub(r"\W", "", new))
            return t[:m.start()] + (new.upper() if m[0].isupper() else new) + t[m.end():]
        runs = RUN.findall(t)
        if len(runs) == 1 and len(t) <= 3 and t.isupper() and t.isascii() and len(t) < 4:
            return "".join(self.initial(c) for c in t)  # "JT"
        return RUN.sub(lambda m: m[0] if t[m.end():m.end() + 1] in ("'", "’") and len(m[0]) < 5
                       else self.word(m[0]), t)
