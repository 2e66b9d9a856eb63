#!/usr/bin/env python3
"""Write labelled texts for `weir train tagger`: guard_generate.py --names DIR [options]

  --names DIR   first-names, surnames and cities (.txt or .txt.gz, one a line, public
                census lists); without it only the names of data/guard/generate are used
  --prose DIR   a folder of English text and code, may be repeated: the documentation
                that Debian installs (/usr/share/doc, /usr/share/perl).  Its blocks are
                examples of what is nothing, without those that may name somebody, and
                its words fill the sentences
  --texts N     how many lines (60000)
  --seed N      another seed, other texts (1)
  --selftest    check the data files and the generator, print nothing else

A line is {"text","spans":[{"start","end","type"}],"group"}: bytes of the UTF-8 text.
The sentences are data/guard/generate/templates.txt; the names, towns, streets and
address forms of some fifty cultures are names.txt beside it; words.txt holds the rest.
Half of the names are made up from pieces of listed ones, because most names that a
scanner meets are in no list."""
import argparse
import collections
import gzip
import json
import random
import re
import sys
import unicodedata
from pathlib import Path

SUFFIXES = (".py", ".pod", ".txt", ".html", ".md", ".rst", ".pm")
PROSE_SHARE = 0.16
HERE = Path(__file__).resolve().parent.parent / "data" / "guard" / "generate"
FORM = re.compile(r"\b(sk|[nskptzucr])\b")
SLOT = re.compile(r"\{([A-Za-z][a-z]*)(\d?)\}")
ENTITY = {"full": "PERSON", "first": "PERSON", "last": "PERSON", "per": "PERSON",
          "inv": "PERSON", "adr": "ADDRESS", "line": "ADDRESS", "street": "ADDRESS",
          "streetname": "ADDRESS", "loc": "LOCATION", "city": "LOCATION",
          "country": "LOCATION", "org": "ORG", "nat": "NRP", "ppl": "NRP",
          "job": "TITLE"}


def blank(s):
    return re.sub(r" {2,}", " ", s.replace("_", " ")).strip()


def read_sections(path):
    out, key = {}, None
    for line in path.read_text(encoding="utf-8").splitlines():
        if key is None and line.startswith("#"):
            continue
        if re.fullmatch(r"\[[a-z_]+( \d+)?\]", line):
            key = line[1:-1]
            out[key] = []
        elif key and line:
            out[key].append(line)
    return out


class Prose:
    """Blocks of text that name nobody, and words seen in lower case in many files."""

    def __init__(self, folders, names):
        seen, self.names = collections.Counter(), names
        texts = [[self.read(p) for p in sorted(Path(f).rglob("*")) if p.is_file()
                  and (p.suffix in SUFFIXES or re.search(r"\.\d\w*\.gz$", p.name))]
                 for f in folders]
        for text in (t for group in texts for t in group):
            seen.update(set(re.findall(r"(?<![\w.])[a-z]{2,}(?![\w(])", text)))
        self.common = {w for w, n in seen.items() if n >= 3}
        self.words = sorted(w for w, n in seen.items()
                            if n >= 12 and len(w) >= 4 and w not in names)
        self.blocks = [[b for t in group for b in self.split(t)] for group in texts]

    @staticmethod
    def read(path):
        if path.suffix != ".gz":
            return re.sub(r"<[^>\n]{1,200}>", " ", path.read_text(errors="ignore")[:150000])
        with gzip.open(path, "rt", encoding="utf-8", errors="ignore") as f:
            text = f.read(150000)
        text = re.sub(r"(?m)^[.'].*$", "", text)
        return re.sub(r"\\f[BIRPC]|\\[&/,|^%]|\\\([a-z]{2}", "", text.replace("\\-", "-"))

    def split(self, text):
        return [b.rstrip() for b in re.split(r"\n\s*\n", text)[:400]
                if 24 <= len(b) <= 700 and self.is_nameless(b)]

    def is_nameless(self, block):
        if re.search(r"@|\(c\)|copyright|author|auteur|autor|maintain|written|thanks|street"
                     r"|[uü]bersetz|tradu[cz]|translat|\\\[", block, re.I):
            return False
        return not any(w.lower() in self.names and w.lower() not in self.common
                       for w in re.findall(r"[A-Z][A-Za-z]+", block))

    def block(self, rng):
        k = rng.randrange(len(self.blocks))
        i = rng.randrange(len(self.blocks[k]))
        return self.blocks[k][i], f"text-{k}-{i}"


class Culture:
    def __init__(self, key, lines):
        self.key = key
        rows = dict(line.split(": ", 1) for line in lines)
        words = {k: [blank(x) for x in v.split()] for k, v in rows.items() if k != "form"}
        self.given, self.family, self.town = words["given"], words["family"], words["town"]
        self.street, self.region = rows["street"].split(), words.get("region", [])
        self.kind = rows.get("kind", "").split() or [""]
        self.pre = [blank(x) for x in rows.get("pre", "").split()]
        self.zip, self.unit = words["zip"], words["unit"]
        self.form = [f.strip().replace("_", " ") for f in rows["form"].split(" ; ")]
        self.family_first = rows.get("order") == "family"


class Lists:
    def __init__(self, folder):
        self.first, self.last, self.city = [], [], []
        if folder:
            for stem, out in (("first-names", self.first), ("surnames", self.last),
                              ("cities", self.city)):
                path = next(p for p in (Path(folder) / f"{stem}.txt",
                                        Path(folder) / f"{stem}.txt.gz") if p.exists())
                opener = gzip.open if path.suffix == ".gz" else open
                with opener(path, "rt", encoding="utf-8") as f:
                    out += [x.strip() for x in f if 3 <= len(x.strip()) <= 20]


def fill_digits(rng, s, letters=False):
    s = re.sub(r"9", lambda m: rng.choice("0123456789"), s)
    if letters:
        s = re.sub(r"A", lambda m: rng.choice("ABCDEFGHJKLMNPRSTUVWXY"), s)
    return s


def plain(s):
    s = s.replace("ß", "ss").replace("ø", "o").replace("ł", "l").replace("æ", "ae")
    return "".join(c for c in unicodedata.normalize("NFD", s)
                   if not unicodedata.combining(c))


class Maker:
    """What one text is filled with; parts with one digit belong to one person."""

    def __init__(self, rng, cultures, lists, words, prose=None):
        self.r, self.cultures, self.lists, self.words = rng, cultures, lists, words
        self.more = prose.words if prose else []
        self.home = rng.choice(cultures)
        self.people = {}

    def culture(self):
        return self.home if self.r.random() < 0.5 else self.r.choice(self.cultures)

    def blend(self, names):
        """A word that nobody listed, from the head of one name and the tail of another."""
        a = self.r.choice(names).split()[-1]
        b = self.r.choice(names).split()[-1]
        if min(len(a), len(b)) < 4 or not a[0].isupper():
            return a
        word = a[:self.r.randint(2, max(2, len(a) - 2))] + b[self.r.randint(1, len(b) - 2):]
        return word if 3 <= len(word) <= 14 else a

    def given(self, c):
        x = self.r.random()
        if x < 0.22 and self.lists.first:
            return self.r.choice(self.lists.first).capitalize()
        return self.blend(c.given) if x < 0.45 else self.r.choice(c.given)

    def family(self, c):
        x = self.r.random()
        if x < 0.28 and self.lists.last:
            return self.r.choice(self.lists.last).capitalize()
        name = self.blend(c.family) if x < 0.52 else self.r.choice(c.family)
        if self.r.random() < 0.06:
            name += "-" + self.r.choice(c.family).split()[-1]
        return name

    def person(self, digit):
        if digit and digit in self.people:
            return self.people[digit]
        c = self.culture()
        p = (c, self.given(c), self.family(c))
        if digit:
            self.people[digit] = p
        return p

    def full(self, digit):
        c, g, f = self.person(digit)
        x = self.r.random()
        if c.family_first and x < 0.5:
            return f"{f} {g}"
        if x < 0.62:
            return f"{g} {f}"
        if x < 0.70:
            return f"{g} {self.r.choice('ABCDEFGHJKLMNPRSTW')}. {f}"
        if x < 0.74:
            return f"{g} {self.r.choice('ABCDEFGHJKLMNPRSTW')} {f}"
        if x < 0.80:
            return f"{g} {self.given(c)} {f}"
        if x < 0.84:
            return f"{g[0]}. {f}"
        if x < 0.86:
            return f"{g[0]}. {self.r.choice('ABCDEFGHJKLMRST')}. {f}"
        if x < 0.90:
            return f"{g} {f} {self.family(c)}"
        if x < 0.92:
            return f"{g} {f} {self.r.choice(['Jr.', 'Sr.', 'III', 'II'])}"
        if x < 0.935:
            return f"{f} {g}"
        return f"{g} {f}"

    def first(self, digit):
        return self.person(digit)[1]

    def last(self, digit):
        return self.person(digit)[2]

    def inv(self, digit):
        c, g, f = self.person(digit)
        tail = f" {self.r.choice('ABCDEFGJKLMRST')}." if self.r.random() < 0.25 else ""
        return f"{f}, {g}{tail}"

    def per(self, digit):
        return self.r.choice([self.full, self.full, self.first, self.first, self.last])(
            digit)

    # -- places ------------------------------------------------------------------

    def city(self, digit=""):
        x = self.r.random()
        if x < 0.25 and self.lists.city:
            town = self.r.choice(self.lists.city)
        elif x < 0.40:
            town = self.blend(self.culture().town)
        elif x < 0.62:
            town = self.pick("place")
        else:
            town = self.r.choice(self.culture().town)
        return town.upper() if self.r.random() < 0.07 else town

    def country(self, digit=""):
        return self.pick("country")

    def loc(self, digit=""):
        return self.r.choice([self.city, self.country, lambda: self.pick("place")])()

    def house(self):
        x = self.r.random()
        return str(self.r.randint(1, 99) if x < 0.6 else self.r.randint(100, 999)
                   if x < 0.85 else self.r.randint(1000, 19999) if x < 0.95
                   else f"0{self.r.randint(1, 99)}")

    def streetname(self, digit="", c=None):
        c = c or self.culture()
        x = self.r.random()
        name = self.r.choice(c.street)
        if x < 0.3:
            name = self.family(c).replace(" ", "_")
        elif x < 0.4:
            name = self.blend([blank(s) or s for s in c.street])
        if x < 0.08:
            name = (f"{self.given(c)}_{self.family(c)}").replace(" ", "_")
        if c.pre:
            return blank(f"{self.r.choice(c.pre)} {name}")
        kind = self.r.choice(c.kind)
        gap = "_" if c.key in ("us", "uk", "ie") else ""
        return blank(name + gap + kind)

    def zipcode(self, c):
        return fill_digits(self.r, self.r.choice(c.zip), True)

    def unit(self, c):
        if self.r.random() < 0.35:
            return fill_digits(self.r, self.r.choice(
                ["Apt. 999", "Suite 999", "Apt 9", "Unit 99", "#9", "Floor 9", "Suite 99"]))
        return fill_digits(self.r, self.r.choice(c.unit))

    def town(self, c):
        x = self.r.random()
        t = (self.r.choice(self.lists.city) if x < 0.2 and self.lists.city else
             self.blend(c.town) if x < 0.4 else self.r.choice(c.town))
        return t.upper() if self.r.random() < 0.08 else t

    def shape(self, c, form):
        s = self.streetname(c=c)
        n = self.house()
        if self.r.random() < 0.05:
            n += self.r.choice("abcABC")
        if self.r.random() < 0.03:
            n = f"{n}-{self.house()}"
        parts = {"n": n, "t": self.town(c), "z": self.zipcode(c), "u": self.unit(c),
                 "c": self.country(), "r": self.r.choice(c.region or [self.town(c)])}
        if c.pre and "p" in re.findall(FORM, form):
            p, _, rest = s.partition(" ")
            parts.update(p=p, s=rest or p)
        else:
            parts["s"] = parts["sk"] = s
            form = form.replace("s k", "sk")
        form = fill_digits(self.r, form)
        return re.sub(FORM, lambda m: parts.get(m[1], ""), form)

    def odd(self):
        """Ways that databases print addresses, whatever the country."""
        r, c, d = self.r, self.culture(), self.culture()
        st, n, m, t = self.streetname(c=c), self.house(), self.house(), self.town(c)
        z, k, u = fill_digits(r, "99999"), self.country(), self.unit(d)
        rg = "".join(r.choice("ABCDEFGHIKLMNOPRSTVWYZ") for _ in range(2))
        return r.choice([
            f"{n} {st} {m}|{u}|{t}|{k} {z}", f"{n} {st} {m} {u}, {t}, {k} {z}",
            f"{n} {st} {m}|{t}, {rg} {z}", f"{n} {st}|{u}|{t}|{k}", f"{n} {st} {u} {t} {k}",
            f"{st} {n}|{u}|{t}|{k} {z}", f"{n} {st}, {t}, {k}", f"{st} {n}, {t}, {k} {z}",
            f"{n} {m} {st}|{t}|{k} {z}", f"{n} {st} {m}, {t}", f"{n} {st} {m} {u} {t} {k}",
            f"{m}, {st} {n}, {t} {z}", f"{n} {st}|{t} {z}|{k}", f"{u}, {st} {n}, {z} {t}",
            f"P.O. Box {m}|{t}, {rg} {z}", f"P.O. Box {m}, {t}, {k}", f"PO Box {m}, {t} {z}",
            f"{n} P.O. Box {m} {u}, {t}, {k}", f"PSC {m}, Box {n}|APO AE {z}",
            f"Unit {m} Box {n}|DPO AP {z}", f"PSC {m} Box {n}, APO AA {z}",
            f"USS {self.family(c)}|FPO AP {z}", f"the corner of {st} and {self.streetname()}",
            f"corner of {st} {n} and {self.streetname()}", f"{st} and {self.streetname()}",
            f"{n} {st} {m}|{t}|, {rg}|{z}", f"{u} {n} {st}|{t} {z}"])

    def raw_address(self):
        """An address with "|" where a line may end."""
        if self.r.random() < 0.3:
            return self.odd()
        c = self.culture()
        text = self.shape(c, self.r.choice(c.form)).replace("(", "").replace(")", "")
        return text + "|" + self.country() if self.r.random() < 0.12 else text

    def adr(self, digit=""):
        """[(text, type)]: on one line whole; in lines, those of a town or a country
        alone are places, as in blk()."""
        style, lines = self.r.random(), self.raw_address().split("|")
        if style > 0.52 or len(lines) == 1:
            joint = ", " if style < 0.92 else " "
            return [(re.sub(r"(?<!^),? ?, ", ", ", joint.join(lines)), "ADDRESS")]
        joint = ("\n" if style < 0.30 else "\n " if style < 0.42 else "\n    "
                 if style < 0.48 else ",\n")
        out = []
        for line in lines:
            out += self.line_of_block(line) if out else [(line, "ADDRESS")]
            out.append((joint, None))
        return join_equal(out[:-1])

    def line_of_block(self, line):
        bare = re.fullmatch(r"([^\d]+?)( \d[\d -]*\d)?", line)
        country = bare and bare[1].strip(" ,") in self.countries()
        if country and bare[2]:
            return [(bare[1], "LOCATION"), (" ", None), (bare[2].strip(), "ADDRESS")]
        if bare and not bare[2] and not re.search(r"[\d,]", line):
            return [(line, "LOCATION")]
        return [(line, "ADDRESS")]

    def countries(self):
        return {blank(x) for x in self.words["country"]}

    def line(self, digit=""):
        text = self.raw_address().replace("|", ", ")
        return re.sub(r"(, ?)+, ", ", ", text)

    def street(self, digit=""):
        c = self.culture()
        x = self.r.random()
        if x < 0.35:
            return f"{self.house()} {self.streetname(c=c)}"
        if x < 0.7:
            return f"{self.streetname(c=c)} {self.house()}"
        if x < 0.85:
            return f"{self.house()} {self.streetname(c=c)} {self.house()}"
        return f"{self.house()} {self.streetname(c=c)}, {self.unit(c)}"

    def blk(self, digit=""):
        """A block on its own: [(text, type)], towns and countries labelled apart."""
        r, c = self.r, self.culture()
        n, st, t = self.house(), self.streetname(c=c), self.town(c)
        lead = r.choice(["", " ", " ", "    "])
        first = r.choice([f"{n} {st}", f"{n} {st} {self.house()}", f"{st} {n}",
                          f"{n} {st} {self.house()}"])
        if r.random() < 0.65:
            first += r.choice([f"\n{lead}", " "]) + self.unit(self.culture())
        out = [(first, "ADDRESS"), (f"\n{lead}", None), (t, "LOCATION")]
        x = r.random()
        if x < 0.15:
            return out
        out += [(r.choice([f"\n{lead}", f"\n\n{lead}", ", "]), None)]
        out += [(self.country(), "LOCATION")]
        if x < 0.75:
            out += [(r.choice([" ", f"\n{lead}"]), None),
                    (self.zipcode(c) if r.random() < 0.5 else fill_digits(r, "99999"),
                     "ADDRESS")]
        return out

    # -- firms and the rest --------------------------------------------------------

    def pick(self, section):
        if section in ("noun", "adj", "verb"):
            x = self.r.random()
            if x < 0.05:  # a word in no list, as every text has some
                return self.coined().lower() + self.r.choice(
                    ["", "ing", "ed", "s", "ly", "ism", "ic", "ation", "er", "able"])
            if x < 0.42 and self.more:
                return self.r.choice(self.more)
        return blank(self.r.choice(self.words[section]))

    def coined(self):
        n = self.r.choice([2, 2, 3, 3, 4])
        word = "".join(self.r.choice(self.words["syl"]) for _ in range(n))
        return word.capitalize() if self.r.random() < 0.9 else word.upper()

    def org(self, digit=""):
        r, c, x = self.r, self.culture(), self.r.random()
        part, tail = lambda: self.pick("firmpart"), lambda: self.pick("firmtail")
        if x < 0.24:
            return self.pick("firm")
        if x < 0.36:
            return self.coined()
        if x < 0.44:
            return f"{self.coined()} {tail()}"
        if x < 0.54:
            return f"{self.family(c)} {tail()}"
        if x < 0.61:
            return f"{self.family(c)}-{self.family(c)}"
        if x < 0.64:
            return f"{self.family(c)}, {self.family(c)} and {self.family(c)}"
        if x < 0.68:
            return f"{self.family(c)} {r.choice(['and', '&'])} {self.family(c)}"
        if x < 0.80:
            return f"{part()} {part()} {tail()}"
        if x < 0.86:
            return f"{part()} {r.choice(['Services', 'Center', 'Partners', 'Agency', 'Alliance', 'Group', 'Council', 'Works', 'Exchange', 'Company'])}"
        if x < 0.90:
            return f"{part()} {self.pick('noun').capitalize()} {r.choice(['Services', 'Center', 'Solutions', 'Network', 'Trust', 'Club'])}"
        if x < 0.93:
            return f"{self.city()} {r.choice(['General Hospital', 'City Council', 'Chamber of Commerce', 'Airport Authority', 'Savings Bank', 'Gazette', 'United', 'Community College'])}"
        if x < 0.95:
            return "".join(r.choice("ABCDEFGHIKLMNOPRSTUVW") for _ in range(r.choice([3, 3, 4])))
        if x < 0.97:
            return part() + part()
        return f"{part()}{part().lower()}"

    def jobtitle(self):
        j = self.pick("job")
        if self.r.random() < 0.45:
            j = f"{self.pick('field')} {self.pick('head')}"
            if self.r.random() < 0.2:
                j = f"{self.pick('field')} {j}"
        return j.capitalize() if self.r.random() < 0.35 else j

    def head(self):
        out = []
        for _ in range(self.r.randint(1, 3)):
            out.append(self.r.choice([self.pick("adj"), self.pick("verb"), self.pick("adj")]))
            out.append(self.pick("noun"))
        style = self.r.random()
        text = " ".join(out[:self.r.randint(2, len(out))])
        return (text.title() if style < 0.6 else text.capitalize() if style < 0.85
                else text.upper())

    def ident(self):
        a, b = self.pick("verb"), self.pick("noun")
        return self.r.choice([a + b.capitalize(), a.capitalize() + b.capitalize(),
                              f"{a}_{b}", b.capitalize() + self.pick("noun").capitalize(),
                              f"{b}-{a}", f"{a}_{b}".upper(), b.capitalize() + "Error"])

    def some_id(self):
        r = self.r
        return r.choice([
            lambda: r.choice(["A", "T-", "INC", "#", "ORD-", "AC-", "v"])
            + str(r.randint(1, 9999999)),
            lambda: f"{r.getrandbits(r.choice([28, 32, 64, 128, 160])):x}",
            lambda: f"{r.getrandbits(32):08x}-{r.getrandbits(16):04x}-"
                    f"{r.getrandbits(16):04x}-{r.getrandbits(48):012x}",
            lambda: "".join(r.choice("ABCDEFGHJKMNPQRSTUVWXYZabcdefghkmnpqrstuvwxyz0123456789")
                            for _ in range(r.randint(8, 40))),
            lambda: fill_digits(r, r.choice(["AA-9", "A9", "A99-9999", "AA999999A", "9A9999",
                                             "AAA-999", "AA 99 99 99 A"]), True)])()

    def a_work(self):
        """A book or a film; one word of it may be anything."""
        x = self.r.random()
        if x < 0.35:
            return self.coined()
        if x < 0.6:
            return self.pick("noun").capitalize()
        return self.pick("work")

    def filler(self, slot, digit=""):
        r = self.r
        if slot[0].isupper():
            w = self.filler(slot.lower())
            return w[0].upper() + w[1:]
        made = {
            "num": lambda: str(r.choice([r.randint(1, 12), r.randint(1, 100),
                                         r.randint(100, 2030), r.randint(1000, 99999)])),
            "age": lambda: str(r.randint(1, 99)),
            "id": self.some_id,
            "date": lambda: r.choice([
                f"{r.randint(1, 28)} {self.pick('month')} {r.randint(1930, 2029)}",
                f"{self.pick('month')} {r.randint(1, 28)}, {r.randint(1930, 2029)}",
                f"{r.randint(1930, 2029)}-{r.randint(1, 12):02}-{r.randint(1, 28):02}",
                f"{r.randint(1, 12)}/{r.randint(1, 28)}/{r.randint(1930, 2029)}"]),
            "time": lambda: f"{r.randint(0, 23):02}:{r.randint(0, 59):02}",
            "price": lambda: r.choice(["$", "€", "£", "USD "]) + str(r.randint(1, 9999)),
            "email": lambda: f"{plain(self.first('')).lower().replace(' ', '.')}"
                             f"{r.randint(1, 99)}@{r.choice(['example', 'mail', 'firm'])}.com",
            "phone": lambda: fill_digits(r, r.choice(
                ["+44 20 9999 9999", "(999) 999-9999", "+49 999 9999999", "999-999-9999"])),
            "title": lambda: self.pick("title"), "jobx": lambda: self.pick("job"),
            "work": self.a_work, "head": self.head, "coined": lambda: self.coined().lower(),
            "coinedfirm": self.coined, "name": lambda: self.family(self.culture()),
            "drug": lambda: self.coined().lower()
            + self.r.choice(["in", "ol", "ine", "mab", "ate", "ide", "pril", "cillin"]), "ident": self.ident,
            "word": lambda: r.choice([self.pick("noun"), self.pick("verb"),
                                      self.ident().lower()])}
        if digit and (slot, digit) in self.people:
            return self.people[slot, digit]
        value = made[slot]() if slot in made else self.pick(slot)
        if digit:
            self.people[slot, digit] = value
        return value

    def entity(self, slot, digit):
        if slot == "nat":
            return self.pick("nation")
        if slot == "ppl":
            return self.pick("people")
        if slot == "job":
            return self.jobtitle()
        return getattr(self, slot)(digit)


def join_equal(parts):
    """Neighbours of one type are one span, with what stands between."""
    out = []
    for text, kind in parts:
        if len(out) > 1 and kind == "ADDRESS" and out[-2][1] == kind and out[-1][1] is None:
            gap = out.pop()[0]
            out[-1] = (out[-1][0] + gap + text, kind)
        else:
            out.append((text, kind))
    return out


def pieces(maker, template):
    """[(text, type or None)] of a template."""
    out, at = [], 0
    template = template.replace("\\n", "\n").replace("\\t", "\t")
    for m in SLOT.finditer(template):
        out.append((template[at:m.start()], None))
        slot, digit = m[1], m[2]
        if slot in ("adr", "blk"):
            out += getattr(maker, slot)()
        elif slot in ENTITY:
            out.append((maker.entity(slot, digit), ENTITY[slot]))
        else:
            out.append((maker.filler(slot, digit), None))
        at = m.end()
    return out + [(template[at:], None)]


def restyle(rng, kind, parts):
    """Lower case, capitals, letters without their marks, and a little dirt."""
    x = rng.random()
    low = {"social": 0.35, "chat": 0.14, "negative": 0.10}.get(kind, 0.09)
    if kind in ("code", "json", "log"):
        low = 0.03
    if x < low:
        parts = [(t.lower(), k) for t, k in parts]
    elif x < low + 0.03:
        parts = [(t.upper(), k) for t, k in parts]
    elif x < low + 0.05:
        parts = [(t.upper() if k in ("PERSON", "ADDRESS") else t, k) for t, k in parts]
    elif x < low + 0.07:
        parts = [(t.lower() if k in ("PERSON", "LOCATION") else t, k) for t, k in parts]
    if rng.random() < 0.12:
        parts = [(plain(t), k) for t, k in parts]
    if kind in ("social", "chat") and rng.random() < 0.1:
        parts = [(re.sub(r"([.,!?])", r" \1", t), k) for t, k in parts]
    return parts


def join(parts):
    text, spans, n = [], [], 0
    for t, k in parts:
        b = len(t.encode())
        body = t.strip()
        if k and body:
            lead = len(t[:len(t) - len(t.lstrip())].encode())
            spans.append({"start": n + lead, "end": n + lead + len(body.encode()), "type": k})
        text.append(t)
        n += b
    return "".join(text), spans


class Generator:
    def __init__(self, names, seed, prose=()):
        self.rng = random.Random(seed)
        self.lists = Lists(names)
        self.cultures = [Culture(k, v)
                         for k, v in read_sections(HERE / "names.txt").items()]
        self.words = {k: " ".join(v).split()
                      for k, v in read_sections(HERE / "words.txt").items()}
        self.prose = Prose(prose, self.known()) if prose else None
        self.kinds, self.weights = [], []
        for key, lines in read_sections(HERE / "templates.txt").items():
            kind, weight = key.split()
            self.kinds.append((kind, lines))
            self.weights.append(int(weight) * 1)

    def known(self):
        """Words that may name somebody or some place, in lower case."""
        known = {x.lower() for x in self.lists.first + self.lists.last + self.lists.city}
        for c in self.cultures:
            known |= {w.lower() for x in c.given + c.family + c.town for w in x.split()}
        for section in ("country", "place", "nation", "people"):
            known |= {w.lower() for x in self.words[section] for w in x.split("_")}
        return known

    def maker(self):
        return Maker(self.rng, self.cultures, self.lists, self.words, self.prose)

    def one(self):
        if self.prose and self.rng.random() < PROSE_SHARE:
            text, group = self.prose.block(self.rng)
            return {"text": text, "spans": [], "group": group}
        kind, lines = self.rng.choices(self.kinds, self.weights)[0]
        i = self.rng.randrange(len(lines))
        maker = self.maker()
        parts = pieces(maker, lines[i])
        # Sentences stand in company, and people are spoken of twice.
        if kind in ("chat", "prose", "ticket", "clinical", "negative") and \
                self.rng.random() < 0.3:
            other = self.rng.choice(self.kinds if self.rng.random() < 0.3
                                    else [k for k in self.kinds if k[0] == kind])
            more = self.rng.choice(other[1])
            parts += [(self.rng.choice([" ", " ", "\n", "\n\n"]), None)]
            parts += pieces(maker, more)
        text, spans = join(restyle(self.rng, kind, parts))
        return {"text": text, "spans": spans, "group": f"{kind}-{i}"}


def selftest():
    g = Generator(None, 7)
    count = sum(len(lines) for _, lines in g.kinds)
    assert count >= 500, count
    assert len(g.cultures) >= 20
    for kind, lines in g.kinds:
        for line in lines:
            for _ in range(3):
                maker = g.maker()
                text, spans = join(pieces(maker, line))
                assert "{" not in SLOT.sub("", "") and not SLOT.search(text), line
                raw, end = text.encode(), 0
                for s in spans:
                    value = raw[s["start"]:s["end"]].decode()
                    assert value == value.strip() and value, (line, value)
                    assert s["start"] >= end, line
                    end = s["end"]
    for c in g.cultures:
        for form in c.form:
            maker = Maker(g.rng, [c], g.lists, g.words)
            text = maker.shape(c, form)
            assert re.search(r"\d", text) and not re.search(FORM, text.lower()) \
                or len(text) > 8, (c.key, text)
    a = [json.dumps(Generator(None, 3).one()) for _ in range(1)]
    b = [json.dumps(Generator(None, 3).one()) for _ in range(1)]
    assert a == b
    print(f"ok: {count} templates, {len(g.cultures)} cultures")


def main():
    ap = argparse.ArgumentParser(description=__doc__,
                                 formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--names")
    ap.add_argument("--prose", action="append", default=[])
    ap.add_argument("--texts", type=int, default=60000)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--selftest", action="store_true")
    a = ap.parse_args()
    if a.selftest:
        return selftest()
    g = Generator(a.names, a.seed, a.prose)
    for _ in range(a.texts):
        sys.stdout.write(json.dumps(g.one(), ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
