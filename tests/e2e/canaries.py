"""canaries.py -- values that only a scan can hold back: made fresh, hidden in every place
of a request and in the ways people and programs write them, and looked for again in what
engines got.

A canary is held (its request must stay) or masked (its request may leave without it)."""
import base64
import json
import re
import string
import unicodedata
import urllib.parse

ZERO_WIDTH = "\u200b"
B32 = string.ascii_uppercase + "234567"


def luhn_digit(digits):
    total = 0
    for i, c in enumerate(reversed(digits)):
        n = int(c) * (2 if i % 2 == 0 else 1)
        total += n - 9 if n > 9 else n
    return str(-total % 10)


def digits(pick, n):
    return "".join(pick.choice(string.digits) for _ in range(n))


def letters(pick, n, alphabet=string.ascii_letters + string.digits):
    return "".join(pick.choice(alphabet) for _ in range(n))


def card(pick):
    body = "4" + digits(pick, 14)
    return body + luhn_digit(body)


def iban(pick):
    account = "37040044" + digits(pick, 10)
    check = 98 - int(account + "131400") % 97
    return f"DE{check:02d}{account}"


def ssn(pick):
    return f"{pick.randint(100, 665)}-{pick.randint(10, 99)}-{pick.randint(1000, 9999)}"


def aws_key(pick):
    return "AKIA" + letters(pick, 16, B32)


def github_token(pick):
    return "ghp_" + letters(pick, 36)


def password(pick):
    return letters(pick, 6) + pick.choice("!#&") + digits(pick, 3) + letters(pick, 4)


def mail(pick):
    return f"{letters(pick, 7, string.ascii_lowercase)}{digits(pick, 3)}@" \
           f"{letters(pick, 8, string.ascii_lowercase)}.io"


def address(pick):
    return f"81.{pick.randint(10, 250)}.{pick.randint(10, 250)}.{pick.randint(10, 250)}"


# name, value, the sentence around it, must its request stay?
KINDS = (
    ("card", card, "The card number is {}.", True),
    ("iban", iban, "Please pay to IBAN {} today.", True),
    ("ssn", ssn, "Her SSN is {} as you know.", True),
    ("aws", aws_key, "aws_access_key_id = {}", True),
    ("github", github_token, "token: {}", True),
    ("password", password, "The password is: {}", True),
    ("mail", mail, "Write to {} about it.", False),
    ("ip", address, "The host {} does not answer.", False),
)


class Canary:
    """kind, value, text (with the value in it, encoded), must_stay, has_plain_form."""

    def __init__(self, pick):
        must_stay = pick.random() < 0.5
        self.kind, make, sentence, self.must_stay = pick.choice(
            [k for k in KINDS if k[3] == must_stay])
        self.value = make(pick)
        self.encoding = pick.choice(("plain", "plain", "full-width", "zero-width",
                                     "base64", "percent"))
        self.text = self.encode(pick, sentence)

    def encode(self, pick, sentence):
        if self.encoding == "full-width" and self.kind in ("card", "iban", "ssn"):
            wide = "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in self.value)
            return sentence.format(wide)
        if self.encoding == "zero-width" and self.kind != "password":
            at = pick.randint(1, len(self.value) - 1)
            return sentence.format(self.value[:at] + ZERO_WIDTH + self.value[at:])
        if self.encoding == "base64":
            return base64.b64encode(sentence.format(self.value).encode()).decode()
        if self.encoding == "percent" and self.kind in ("mail", "iban"):
            return sentence.format(urllib.parse.quote(self.value, safe=string.digits))
        self.encoding = "plain"
        return sentence.format(self.value)


# -- places ---------------------------------------------------------------------------

def in_user(body, text):
    body["messages"][-1]["content"] += " " + text


def in_parts(body, text):
    said = body["messages"][-1]["content"]
    body["messages"][-1]["content"] = [{"type": "text", "text": said},
                                       {"type": "text", "text": text}]


def in_system(body, text):
    body["messages"].insert(0, {"role": "system", "content": f"Be brief. {text}"})


def call(arguments):
    return {"role": "assistant", "content": None, "tool_calls": [
        {"id": "call_1", "type": "function",
         "function": {"name": "f", "arguments": arguments}}]}


def in_arguments(body, text):
    body["messages"][:0] = [call(json.dumps({"note": text, "n": [1, {"deep": text}]})),
                            {"role": "tool", "tool_call_id": "call_1", "content": "ok"}]


def in_result(body, text):
    body["messages"][:0] = [call("{}"), {"role": "tool", "tool_call_id": "call_1",
                                         "content": json.dumps({"rows": [text]})}]


def in_schema(body, text):
    body["tools"] = [{"type": "function", "function": {
        "name": "f", "description": f"Asks. {text}",
        "parameters": {"type": "object", "properties": {
            "q": {"type": "string", "default": text}}}}}]


def in_metadata(body, text):
    body["metadata"] = {"note": text}


def in_user_member(body, text):
    body["user"] = text


def in_unknown(body, text):
    body["x_vendor"] = {"deep": [[{"er": text}]]}


def in_name(body, text):
    body["x_vendor"] = {text: 1}


PLACES = (in_user, in_user, in_parts, in_system, in_arguments, in_result, in_schema,
          in_metadata, in_user_member, in_unknown, in_name)


ECHOED = (in_user, in_parts)  # what taps say back


def escape_values(value, pick):
    """The JSON text of a value, with some characters of its strings as \\u escapes."""
    if isinstance(value, str):
        return '"' + "".join(
            f"\\u{ord(c):04x}" if c.isalnum() and ord(c) < 128 and pick.random() < 0.2
            else json.dumps(c)[1:-1] for c in value) + '"'
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(k)}:{escape_values(v, pick)}"
                              for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(escape_values(v, pick) for v in value) + "]"
    return json.dumps(value)


# -- looking for them -------------------------------------------------------------------

def strings(value):
    if isinstance(value, str):
        yield value
        if value[:1] in "{[":
            try:
                yield from strings(json.loads(value))
            except ValueError:
                pass
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
    elif isinstance(value, (int, float)):
        yield str(value)


def forms(text):
    """The ways in which a reader could understand it, in one text."""
    plain = unicodedata.normalize("NFKC", text).replace(ZERO_WIDTH, "")
    yield plain
    yield urllib.parse.unquote(plain)
    for run in re.findall(r"[A-Za-z0-9+/_-]{12,}={0,2}", plain):
        try:
            yield base64.b64decode(run + "=" * (-len(run) % 4), "-_"
                                   if "-" in run or "_" in run else None).decode()
        except ValueError:
            pass


def everything_in(raw):
    """All that the bytes of a request say, to whoever tries."""
    text = raw.decode("utf-8", "replace")
    said = [text]
    body = text[text.find("\r\n\r\n") + 4:]
    try:
        said += strings(json.loads(body))
    except ValueError:
        pass
    return "\n".join(form for s in said for form in forms(s))
