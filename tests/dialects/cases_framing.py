"""cases_framing.py -- the same answer in other bytes that its dialect allows: events that nobody
knows yet, other line ends, signs of life, whole where a stream was asked for and the reverse."""
import base64
import json

from cell import Case
from engine import Step
from expect import check_answer
from normal import answer, call, same, short, strings, text, thought, tool, user, want

ASKED = {"system": [], "messages": [user("hello")], "tools": [tool()]}
SAID = answer(thought("hm hm"), "Let me see.", call("call_1", "look", {"q": "oslo"}))
SIGNED = answer(thought("hm hm", base64.b64encode(bytes(range(90))).decode()), "Let me see.",
                call("call_1", "look", {"q": "oslo"}))


def other_bytes(change):
    """The engine's stream or answer, changed; the client reads the same."""
    def run(cell):
        if cell.client == cell.engine:
            return "none"   # its own bytes
        said = SIGNED if cell.engine == "anthropic" else SAID
        path, body = cell.body(cell.marked(ASKED))
        raw, answers_with = change(cell, said)
        step = cell.expects(Step(raw=raw))
        step.kind = answers_with
        got, _ = cell.read(*cell.ask(path, body))
        check_answer(said, got, cell.client, cell.engine, cell.speaker, cell.engine_speaker)
        return "ok"
    return run


def frames(cell, said):
    return list(cell.engine_speaker.stream(said, "m"))


def whole(cell, said):
    return json.dumps(cell.engine_speaker.answer(said, "m")).encode()


def line_ends(cell, said):
    return b"".join(frames(cell, said)).replace(b"\n", b"\r\n"), None


def signs_of_life(cell, said):
    life = b"\n" if cell.engine == "ollama" else b": still here\n\n"
    return life + life.join(frames(cell, said)), None


def without_blanks(cell, said):
    """`data:{...}`, as SSE allows."""
    return b"".join(frames(cell, said)).replace(b"data: ", b"data:").replace(b"event: ", b"event:"), None


NEW = {"anthropic": b'event: lookahead\ndata: {"type":"lookahead","index":0,"x":{}}\n\n',
       "responses": b'event: response.lookahead\ndata: {"type":"response.lookahead","x":1}\n\n'}


def new_events(cell, said):
    made = frames(cell, said)
    return b"".join(f + NEW.get(cell.engine, b"") for f in made[:-1]) + made[-1], None


def new_members(cell, said):
    def more(frame):
        head, brace, rest = frame.partition(b"{")
        return head + brace + b'"x_new":{"deep":[1,null]},' + rest if brace else frame
    if cell.is_stream:
        return b"".join(map(more, frames(cell, said))), None
    return more(whole(cell, said)), None


def whole_for_stream(cell, said):
    return whole(cell, said), "application/json"


def stream_for_plain(cell, said):
    return b"".join(frames(cell, said)), ("application/x-ndjson" if cell.engine == "ollama"
                                          else "text/event-stream")


PAPER = "Section one.\nFünf lines of \"notes\"."
BLOCKS = [
    {"type": "document", "title": "notes", "context": "from the archive",
     "source": {"type": "text", "media_type": "text/plain", "data": PAPER}},
    {"type": "document", "source": {"type": "content", "content": [
        {"type": "text", "text": "inner words"}]}},
    {"type": "search_result", "title": "found", "source": "https://a.example/x",
     "content": [{"type": "text", "text": "what was found"}]}]


def documents(cell):
    """Anthropic's documents of text and its search results are texts elsewhere."""
    path, body = cell.body(cell.marked({**ASKED, "messages": [user(text("read"), text("all"))]}))
    body["messages"][0]["content"] += BLOCKS
    step = cell.expects(Step(answer("read")))
    status, data = cell.ask(path, body)
    same(status, 200, f"status ({short(data.decode())})")
    said = "\n".join(strings(json.loads(step.asked[2])))
    for words in (PAPER, "notes", "from the archive", "inner words", "found", "what was found"):
        want(words in said, f"{words!r} is gone")
    if cell.client != cell.engine:
        step.read(cell.engine_speaker)
    return "ok"


STREAM = {"modes": ["stream"]}
CASES = [
    Case("bytes-crlf", run=other_bytes(line_ends), **STREAM),
    Case("bytes-signs-of-life", run=other_bytes(signs_of_life), **STREAM),
    Case("bytes-without-blanks", run=other_bytes(without_blanks), **STREAM,
         engines=["openai", "responses", "anthropic", "gemini"]),
    Case("bytes-new-events", run=other_bytes(new_events), **STREAM,
         engines=["responses", "anthropic"]),
    Case("bytes-new-members", run=other_bytes(new_members)),
    Case("bytes-whole-for-stream", run=other_bytes(whole_for_stream), **STREAM),
    Case("bytes-stream-for-plain", run=other_bytes(stream_for_plain), modes=["plain"]),
    Case("documents-of-text", run=documents, clients=["anthropic"]),
]
