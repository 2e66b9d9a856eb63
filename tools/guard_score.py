"""How a scan is scored against labelled texts, and how sure a share is.

Strict: a value is hidden when every letter and digit of it lies under a span that the
guard would replace (its own "action" says so; without one, its type), or when the whole
text is held.  A value under a span that leaves as it is, is readable.

Several texts are made from one template and are found or missed together.  So an interval
is over templates: they are drawn again with replacement, or, where there are thousands,
the spread between them is used.  Where all or none were hit, and where each text stands
for itself, it is Wilson's, over as many tries as there are templates."""
import collections
import gzip
import json
import math
import random

HELD = ("local", "block")
ROUNDS, MANY = 1000, 600


def read_rows(path):
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as f:
        rows = [json.loads(line) for line in f if line.strip()]
    for i, row in enumerate(rows):
        row.setdefault("id", f"{path.stem}-{i}")
    return rows


def wilson(k, n):
    if not n:
        return 0.0, 1.0
    z, p = 1.96, k / n
    mid, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return max(0.0, (mid - half) / (1 + z * z / n)), min(1.0, (mid + half) / (1 + z * z / n))


def drawn_again(groups):
    """Shares of ROUNDS sets of templates, drawn from these with replacement."""
    dice, shares = random.Random(1), []
    for _ in range(ROUNDS):
        drawn = dice.choices(groups, k=len(groups))
        shares.append(sum(k for k, n in drawn) / sum(n for k, n in drawn))
    shares.sort()
    return shares[int(.025 * ROUNDS)], shares[int(.975 * ROUNDS)]


def spread(groups, k, n):
    p, m = k / n, len(groups)
    var = sum((a - p * b) ** 2 for a, b in groups) * m / max(1, m - 1) / n ** 2
    return max(0.0, p - 1.96 * math.sqrt(var)), min(1.0, p + 1.96 * math.sqrt(var))


class Share:
    """k of n, of texts that belong to templates."""

    def __init__(self):
        self.by = collections.defaultdict(lambda: [0, 0])

    def add(self, template, hit):
        group = self.by[template]
        group[0] += bool(hit)
        group[1] += 1

    def sums(self):
        return sum(g[0] for g in self.by.values()), sum(g[1] for g in self.by.values())

    def templates(self):
        return sum(g[0] > 0 for g in self.by.values()), len(self.by)

    def interval(self):
        k, n = self.sums()
        groups = list(self.by.values())
        if k in (0, n):
            return wilson(k and len(groups), len(groups))
        if len(groups) == n:
            return wilson(k, n)
        return drawn_again(groups) if len(groups) <= MANY else spread(groups, k, n)


class Types:
    """What the labels' types mean, as the scorer of the data knows it."""
    STAY = {"SECRET", "HEALTH_ID", "CLASSIFICATION", "CREDIT_CARD", "IBAN", "BANK",
            "NATIONAL_ID", "GOV_DOC"}

    def __init__(self, eval_pii):
        self.ep = eval_pii

    def is_sensitive(self, kind):
        return self.ep.sensitive(self.ep.can(kind))

    def must_stay(self, kind):
        return self.is_sensitive(kind) and self.ep.group(self.ep.can(kind)) in self.STAY

    def is_replaced(self, span):
        if "action" in span:
            return span["action"] != "clear"
        return self.is_sensitive(span["type"])


def under(spans, size):
    covered = bytearray(size)
    for s in spans:
        covered[s["start"]:s["end"]] = b"\1" * (s["end"] - s["start"])
    return covered


def is_readable(raw, covered, span):
    inside = range(span["start"], span["end"])
    told = [i for i in inside if raw[i] > 127 or chr(raw[i]).isalnum()] or list(inside)
    return not all(covered[i] for i in told)


class Judged:
    """One labelled text beside what the scan said of it."""

    def __init__(self, gold, pred, types):
        raw = gold["text"].encode()
        spans = [s for s in gold["spans"] if types.is_sensitive(s["type"])]
        covered = under(filter(types.is_replaced, pred["spans"]), len(raw))
        readable = [s for s in spans if is_readable(raw, covered, s)]
        self.template, self.genre = gold.get("tpl", gold["id"]), gold.get("genre", "")
        self.held = pred["action"] in HELD
        self.touched = pred["action"] != "clear"
        self.has_values = bool(spans)
        self.has_stay = any(types.must_stay(s["type"]) for s in spans)
        self.must_stay = self.has_stay or gold.get("must") == "local"
        self.leaks = not self.held and bool(readable)
        self.leaks_stay = not self.held and any(types.must_stay(s["type"]) for s in readable)


CONTACT = {"EMAIL", "PHONE", "ADDRESS", "DOB", "URL_CREDENTIALS"}
BREAKS_CODE = set("{}()[]=;<>_\\|`")


def asks(text, start, end):
    """Whether the sentence around [start, end) ends in a question mark, or the paragraph
    is all there is of the text: then it is the prompt's own words and no pasted matter."""
    begin = max(text.rfind(mark, 0, start) for mark in ("\n", ". ", "! ", "? ")) + 1
    stops = [at for mark in ("\n", ". ", "! ", "?") if (at := text.find(mark, end)) >= 0]
    stop = min(stops) if stops else len(text)
    return (begin >= 0 and text[stop:stop + 1] == "?") or "\n" not in text.strip()


def is_harmed(gold, pred):
    """Whether the answer to an ordinary prompt suffers.  It does when the prompt is held;
    when a value that is masked stands in what the prompt asks, with nothing in its
    paragraph by which anybody could be reached, so that the question is about the value;
    and when what is masked is a piece of a word or of code, which no tag stands for.  A
    name in pasted text beside an address suffers nothing: its tag comes back as the name."""
    if pred["action"] in HELD:
        return True
    raw = gold["text"].encode()
    masked = [s for s in pred["spans"] if s.get("action") == "mask"]
    for s in masked:
        at, end = (len(raw[:s[k]].decode(errors="replace")) for k in ("start", "end"))
        text = gold["text"]
        value, before, behind = text[at:end], text[at - 1:at], text[end:end + 1]
        if BREAKS_CODE & set(value) or before.isalnum() or behind.isalnum() \
                or "_" in before + behind:
            return True
        first, last = raw.rfind(b"\n\n", 0, s["start"]) + 1, raw.find(b"\n\n", s["end"])
        reached = any(o is not s and o["type"] in CONTACT and o["start"] >= first and
                      (last < 0 or o["end"] <= last) for o in masked)
        if not reached and asks(text, at, end):
            return True
    return False


def overlaps(spans, other):
    return sum(any(a["start"] < b["end"] and b["start"] < a["end"] for b in other)
               for a in spans)


class People:
    """Names found in real text: any overlap counts; F2 leans on what was missed."""

    def __init__(self):
        self.gold = self.found = self.said = self.right = 0

    def add(self, gold, pred):
        g = [s for s in gold if s["type"] == "PERSON" and s.get("raw") != "HANDLE"]
        p = [s for s in pred if s["type"] == "PERSON"]
        self.gold += len(g)
        self.said += len(p)
        self.found += overlaps(g, p)
        self.right += overlaps(p, g)

    def f2(self):
        p = self.right / self.said if self.said else 0
        r = self.found / self.gold if self.gold else 0
        return (5 * p * r / (4 * p + r) if p + r else 0), p, r
