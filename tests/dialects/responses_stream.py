"""responses_stream.py -- OpenAI Responses as a stream, written and read.  What is read must have
the whole life of each item: added, its parts, their deltas, done; and numbers without a gap."""
import json

import normal as nf
import sse
from normal import same, take, want


# ---- an engine writes
class Writer:
    def __init__(self):
        self.number = -1

    def __call__(self, kind, **members):
        self.number += 1
        value = {"type": kind, "sequence_number": self.number, **members}
        return f"event: {kind}\ndata: {json.dumps(value, ensure_ascii=False)}\n\n".encode()


def stream(a, model):
    import speak_responses as whole
    output = whole.output_out(a)
    event = Writer()
    begun = whole.response_out(a, model, [], "in_progress")
    yield event("response.created", response=begun)
    yield event("response.in_progress", response=begun)
    for i, (part, item) in enumerate(zip(a["parts"], output)):
        at = {"item_id": item["id"], "output_index": i}
        empty = {**item, "status": "in_progress"}
        if item["type"] == "reasoning":
            yield event("response.output_item.added", output_index=i, item={**empty, "summary": []})
            if item["summary"]:
                at["summary_index"] = 0
                yield event("response.reasoning_summary_part.added", **at,
                            part={"type": "summary_text", "text": ""})
                for piece in nf.fragments(part):
                    yield event("response.reasoning_summary_text.delta", **at, delta=piece)
                yield event("response.reasoning_summary_text.done", **at, text=part["text"])
                yield event("response.reasoning_summary_part.done", **at, part=item["summary"][0])
        elif item["type"] == "message":
            yield event("response.output_item.added", output_index=i, item={**empty, "content": []})
            at["content_index"] = 0
            inner = item["content"][0]
            kind, member = (("output_text", "text") if inner["type"] == "output_text"
                            else ("refusal", "refusal"))
            yield event("response.content_part.added", **at, part={**inner, member: ""})
            more = {"logprobs": []} if kind == "output_text" else {}
            for piece in nf.fragments(part):
                yield event(f"response.{kind}.delta", **at, delta=piece, **more)
            yield event(f"response.{kind}.done", **at, **{member: part["text"]}, **more)
            yield event("response.content_part.done", **at, part=inner)
        else:
            yield event("response.output_item.added", output_index=i, item={**empty, "arguments": ""})
            if not part.get("done only"):
                for piece in nf.fragments(part):
                    yield event("response.function_call_arguments.delta", **at, delta=piece)
            yield event("response.function_call_arguments.done", **at, arguments=part["args"],
                        name=part["name"])
        yield event("response.output_item.done", output_index=i, item=item)
    done = whole.response_out(a, model, output)
    yield event(f"response.{done['status']}", response=done)


def stream_error(text, number=0):
    value = {"type": "error", "code": "server_error", "message": text, "param": None,
             "sequence_number": number}
    return f"event: error\ndata: {json.dumps(value)}\n\n".encode()


# ---- a client reads
class Item:
    """One item of the output while it is said."""

    def __init__(self, item, index):
        self.item, self.index, self.parts, self.open, self.said = item, index, [], None, ""
        self.done = None
        kind = item["type"]
        same({"message": item.get("content"), "function_call": item.get("arguments"),
              "reasoning": item.get("summary")}[kind], "" if kind == "function_call" else [],
             f"what an added {kind} begins with")
        want(kind == "reasoning" or item.get("status") == "in_progress",
             f"the status of an added {kind}: {item.get('status')!r}")

    def part_index(self, value):
        return value["summary_index" if "summary_index" in value else "content_index"]

    def take(self, value):
        kind = value["type"].removeprefix("response.")
        same((value["item_id"], value["output_index"]), (self.item["id"], self.index),
             f"{kind}: item_id and output_index")
        if kind.startswith("function_call_arguments."):
            same(self.item["type"], "function_call", f"{kind} in an item")
            want(self.done is None, f"{kind} after done")
            if kind.endswith("delta"):
                self.said += value["delta"]
            else:
                self.done = value["arguments"]
                want(self.said in ("", self.done), f"deltas {self.said!r}, done {self.done!r}")
                same(self.said or self.done, self.done, "arguments")
            return
        if kind in ("content_part.added", "reasoning_summary_part.added"):
            want(self.open is None, f"{kind} within a part")
            same(self.part_index(value), len(self.parts), f"{kind}: index")
            self.open, self.said, self.done = value["part"], "", None
            return
        want(self.open is not None, f"{kind} without its part added before")
        same(self.part_index(value), len(self.parts), f"{kind}: index")
        if kind in ("content_part.done", "reasoning_summary_part.done"):
            want(self.done is not None, f"{kind} without the text's done")
            text = value["part"].get("text", value["part"].get("refusal"))
            same((text, value["part"]["type"]), (self.done, self.open["type"]), kind)
            self.parts.append(value["part"])
            self.open = None
            return
        name = {"output_text": "output_text", "refusal": "refusal",
                "summary_text": "reasoning_summary_text", "reasoning_text": "reasoning_text"}
        expected = name[self.open["type"]]
        want(kind in (f"{expected}.delta", f"{expected}.done", "output_text.annotation.added"),
             f"{kind} in a part of {self.open['type']}")
        if kind.endswith(".delta"):
            want(self.done is None, f"{kind} after done")
            self.said += value["delta"]
        elif kind.endswith(".done"):
            self.done = value.get("text", value.get("refusal"))
            same(self.said, self.done, f"{kind}: the deltas")

    def end(self, item):
        want(self.open is None, "output_item.done within a part")
        same((item["id"], item["type"]), (self.item["id"], self.item["type"]), "output_item.done")
        if item["type"] == "function_call":
            same((item["arguments"], item["call_id"], item["name"]),
                 (self.done, self.item["call_id"], self.item["name"]), "the call when done")
        else:
            member = "content" if item["type"] == "message" else "summary"
            same(item[member], self.parts, f"{member} when done")


def read_events(data):
    events = sse.named(data.removesuffix(b"data: [DONE]\n\n"))
    for i, value in enumerate(events):
        same(value.get("sequence_number"), i, f"sequence_number of {value['type']}")
        want("error" not in value or value["type"] == "error", "a top-level error")
    return events


def read_stream(data):
    import speak_responses as whole
    events = read_events(data)
    kinds = [v["type"] for v in events]
    same(kinds[:2], ["response.created", "response.in_progress"], "the first events")
    terminal = [k for k in kinds if k in ("response.completed", "response.incomplete",
                                          "response.failed", "error")]
    same(len(terminal), 1, f"terminal events {terminal}; the end {data[-300:]!r}")
    same(kinds[-1], terminal[0], "the last event")
    want(terminal[0] in ("response.completed", "response.incomplete"), f"{data[-400:]!r}")
    first, last = events[0]["response"], events[-1]["response"]
    take(first, "created.response", whole.MORE, whole.NEEDED)
    same((first["status"], first["output"], first["usage"]), ("in_progress", [], None), "created")
    same((first["id"], first["created_at"], first["model"]),
         (last["id"], last["created_at"], last["model"]), "id, created_at and model to the end")
    same(f"response.{last['status']}", terminal[0], "status")
    items, finished, overlap = {}, {}, False
    for value in events[2:-1]:
        kind, at = value["type"], value["output_index"]
        if kind == "response.output_item.added":
            overlap = overlap or len(finished) < len(items)
            same(at, len(items), "output_index of a new item")
            items[at] = Item(value["item"], at)
            continue
        want(at in items and at not in finished, f"{kind} outside of an item")
        if kind == "response.output_item.done":
            items[at].end(value["item"])
            finished[at] = value["item"]
        else:
            items[at].take(value)
    same(sorted(finished), sorted(items), "the items that are done")
    same(last["output"], [finished[at] for at in sorted(finished)], "output of the last event")
    got, native = whole.read_answer(last)
    return {**got, "overlap": overlap}, native


def read_stream_error(data):
    events = read_events(data)
    kinds = [v["type"] for v in events]
    want(kinds[-1] in ("response.failed", "error"), f"the last event is {kinds[-1]}")
    want(not {"response.completed", "response.incomplete"} & set(kinds), "success though it failed")
    if kinds[-1] == "error":
        return events[-1]["message"]
    failed = events[-1]["response"]
    same(failed["status"], "failed", "status")
    take(failed["error"], "response.error", (), ("code", "message"))
    return failed["error"]["message"]
