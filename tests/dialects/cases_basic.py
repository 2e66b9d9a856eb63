"""cases_basic.py -- texts, turns, tools: what every agent sends."""
from cell import Case
from normal import (answer, audio, call, file, image, image_at, model_says, refusal, result, say,
                    text, thought, tool, usage, user, want)
import base64
import json


def ask(*messages, system=(), **more):
    return {"system": list(system), "messages": list(messages), **more}


HELLO = ask(user("hello"))
CALL = answer(call("call_1", "look", {"q": "oslo"}))
TURN = [user("look it up"), model_says(call("call_1", "look", {"q": "oslo"}))]
PAIR = answer(call("call_1", "look", {"q": "a"}), call("call_2", "find", {"q": "b", "n": 2}))
TOOLS = [tool(), tool("find", {"type": "object", "properties": {
    "q": {"type": "string", "enum": ["a", "b"]}, "n": {"type": "integer"}}})]
PLAIN_TEXT = base64.b64encode("notes: fünf\nlines".encode()).decode()
BIG = {"q": "x" * 300, "list": [1, 2.5, None, True, {"k": "\"quoted\" \\ back"}], "ü": "日本",
       "number": 12345678901234567890}


def agent(turns):
    said = [user("do the work")]
    for i in range(turns):
        said.append(model_says(f"step {i}", call(f"call_{i}", "look", {"q": f"file {i}"})))
        said.append(user(result(f"call_{i}", "look", f"contents of {i}\nwith lines")))
    return said


def named_in_words(cell, asked, got, native, body):
    """OpenAI's chat has no pictures in results: it says whose the picture is."""
    if cell.engine == "openai" and cell.client != "openai":
        last = json.dumps(body["messages"][-1])
        want("call_1" in last or "look" in last, f"the picture's message names no call: {last[:200]}")


def marks(cell, asked, got, native, body):
    raw = json.dumps(body)
    want('"cache_control": null' not in raw, "cache_control: null")
    if cell.engine == "anthropic":
        want('"cache_control": {"type": "ephemeral"}' in raw, "the cache mark is gone (full price)")


def pieces_of_tools(cell, asked, got, native, body):
    if cell.client == cell.engine:
        return      # its own bytes
    calls = [p for p in got["parts"] if p["t"] == "call"]
    want(all(json.loads(p["args"]) == {} for p in calls), f"arguments {[p['args'] for p in calls]}")
    want(all(p["args"] != "" for p in calls), "arguments are an empty text")


CASES = [
    Case("text", HELLO, answer("Hello there.")),
    Case("text-bytewise", HELLO, answer("Hello there."), split="bytes"),
    Case("text-at-once", HELLO, answer("Hello there."), split="whole"),
    Case("system", ask(user("hello"), system=["be brief"]), answer("ok")),
    Case("system-two", ask(user("hello"), system=["be brief", "be kind"]), answer("ok")),
    Case("system-developer", ask(user("hello"), system=["be brief"], **{"system role": "developer"}),
         answer("ok"), clients=["openai"]),
    Case("system-later", ask(user("hello"), model_says("hi"), say("system", "now in French"),
                             user("again"), system=["be brief"]), answer("salut")),
    Case("multi-turn", ask(user("one"), model_says("two"), user("three"), model_says("four"),
                           user("five")), answer("six")),
    Case("multi-part", ask(user(text("first part"), text("second\npart"))), answer("both")),
    Case("tools", ask(user("look"), tools=TOOLS), CALL),
    Case("tools-text-and-call", ask(user("look"), tools=TOOLS),
         answer("Let me see.", call("call_1", "look", {"q": "oslo"}))),
    Case("tools-parallel", ask(user("look"), tools=TOOLS), PAIR),
    Case("tools-parallel-bytewise", ask(user("look"), tools=TOOLS), PAIR, split="bytes"),
    Case("tools-result", ask(*TURN, user(result("call_1", "look", "cold")), tools=TOOLS),
         answer("It is cold.")),
    Case("tools-results-parallel", ask(user("look"), model_says(
        "I look.", call("call_1", "look", {"q": "a"}), call("call_2", "find", {"q": "b", "n": 2})),
        user(result("call_1", "look", "one"), result("call_2", "find", "two")), tools=TOOLS),
        answer("done")),
    Case("tools-results-same-name", ask(user("look"), model_says(
        call("call_1", "look", {"q": "a"}), call("call_2", "look", {"q": "b"})),
        user(result("call_1", "look", "one"), result("call_2", "look", "two")), tools=TOOLS),
        answer("done")),
    Case("tools-result-then-text", ask(*TURN, user(result("call_1", "look", "cold"), text("go on")),
                                       tools=TOOLS), answer("I go on.")),
    Case("tools-bare-results", ask(user("look"), model_says(
        call("call_1", "look", {"q": "a"}), call("call_2", "find", {"q": "b"})),
        user(result("call_1", "look", "one"), result("call_2", "find", "two")), tools=TOOLS,
        **{"bare results": True}), answer("done"), clients=["ollama"]),
    Case("tools-bare-results-same-name", ask(user("look"), model_says(
        call("call_1", "look", {"q": "a"}), call("call_2", "look", {"q": "b"})),
        user(result("call_1", "look", "one"), result("call_2", "look", "two")),
        model_says(call("call_3", "look", {"q": "c"})), user(result("call_3", "look", "three")),
        tools=TOOLS, **{"bare results": True}), answer("done"), clients=["ollama"]),
    Case("tools-ids-from-gemini", ask(*TURN, user(result("call_1", "look", "cold")), tools=TOOLS,
                                      ids=True), answer("cold"), clients=["gemini"]),
    Case("args-in-pieces", ask(user("look"), tools=TOOLS),
         answer(call("call_1", "look", BIG, size=1))),
    Case("args-nothing", ask(user("look"), tools=[tool("look", {"type": "object",
                                                                "properties": {}})]),
         answer(call("call_1", "look", "{}")), check=pieces_of_tools),
    Case("args-history-empty", ask(user("look"), model_says(call("call_1", "look", "{}")),
                                   user(result("call_1", "look", "")), tools=TOOLS), answer("ok")),
    Case("tool-without-parameters", ask(user("look"), tools=[tool(schema=None)]),
         answer(call("call_1", "look", {}))),
    Case("tool-strict", ask(user("look"), tools=[tool(strict=True)]), CALL),
    Case("args-in-history", ask(user("look"), model_says(call("call_1", "look", BIG)), user(
        result("call_1", "look", "ok")), tools=TOOLS), answer("ok")),
    Case("tools-results-swapped", ask(user("look"), model_says(
        call("call_1", "find", {"q": "a"}), call("call_2", "look", {"q": "b"})),
        user(result("call_2", "look", "two"), result("call_1", "find", "one")), tools=TOOLS),
        answer("done"), clients=["openai", "responses", "anthropic"]),
    Case("text-empty-beside-call", ask(user("look"), model_says(
        text(""), call("call_1", "look", {"q": "a"})), user(result("call_1", "look", "one")),
        tools=TOOLS), answer("done"), clients=["openai", "ollama", "responses"]),
    Case("result-error", ask(*TURN, user(result("call_1", "look", "no such city", error=True)),
                             tools=TOOLS), answer("sorry")),
    Case("result-image", ask(*TURN, user(result("call_1", "look", "a picture", image())),
                             tools=TOOLS), answer("a cat"), check=named_in_words),
    Case("result-parts", ask(*TURN, user(result("call_1", "look", "one", "two")), tools=TOOLS),
         answer("ok")),
    Case("image", ask(user(text("what is it?"), image())), answer("a cat")),
    Case("image-jpg", ask(user(text("what is it?"), image(mime="image/jpg"))), answer("a cat"),
         clients=["openai"], engines=["responses", "anthropic", "gemini", "ollama"]),
    Case("image-before-text", ask(user(image(), text("what is it?"))), answer("a cat")),
    Case("image-url", ask(user(text("what?"), image_at("https://pics.example/cat.png"))),
         answer("a cat")),
    Case("file-pdf", ask(user(text("read it"), file())), answer("read")),
    Case("file-text", ask(user(text("read it"), file(PLAIN_TEXT, "text/plain", "notes.txt"))),
         answer("read"), clients=["openai", "responses", "gemini"]),
    Case("audio", ask(user(text("listen"), audio())), answer("heard")),
    Case("history-refusal", ask(user("do it"), model_says(refusal("I will not.")), user("why?")),
         answer("because")),
    Case("history-thought", ask(user("think"), model_says(thought("hm hm"), text("so")),
                                user("go on")), answer("on"),
         clients=["openai", "ollama", "gemini", "responses"]),
    Case("history-call-without-tools", ask(*TURN, user(result("call_1", "look", "cold"))),
         answer("cold")),
    Case("stop", ask(user("count"), stop=["END", "###"]), answer("one two")),
    Case("stop-matched", ask(user("count"), stop=["END"]),
         answer("one two", finish="sequence", sequence="END")),
    Case("max-tokens", ask(user("count"), max_tokens=2048), answer("one two", finish="length")),
    Case("max-tokens-none", ask(user("count")), answer("one two")),
    Case("schema", ask(user("json"), schema={"type": "object", "properties": {"a": {
        "type": "integer"}}, "required": ["a"], "additionalProperties": False}), answer('{"a": 1}')),
    Case("json-object", ask(user("json"), schema="json"), answer('{"a": 1}')),
    Case("sampling", ask(user("hi"), temperature=0.5, top_p=0.9), answer("ok")),
    Case("sampling-top-k", ask(user("hi"), top_k=40), answer("ok"),
         clients=["openai", "anthropic", "gemini", "ollama"]),
    Case("sampling-hot", ask(user("hi"), temperature=1.5), answer("ok"),
         clients=["openai", "responses", "gemini", "ollama"]),
    Case("seed", ask(user("hi"), seed=7), answer("ok")),
    Case("choices-two", ask(user("hi"), n=2), answer("one", more=[[text("two")]])),
    Case("logprobs", ask(user("hi"), logprobs=2), answer("ok", logprobs={"content": [
        {"token": "ok", "logprob": -0.25, "bytes": [111, 107], "top_logprobs": [
            {"token": "ok", "logprob": -0.25, "bytes": [111, 107]}]}]}),
        engines=["openai", "responses", "anthropic"]),
    Case("usage-cache", HELLO, answer("ok", usage=usage(100, 5, cached=60, written=20))),
    Case("usage-cache-all", HELLO, answer("ok", usage=usage(60, 5, cached=60))),
    Case("usage-reasoning", HELLO, answer(thought("hm"), "ok", usage=usage(10, 50, reasoning=45))),
    *[Case(f"choice-{name}", ask(user("look"), tools=TOOLS, choice=choice), a)
      for name, choice, a in (("auto", "auto", CALL), ("none", "none", answer("no")),
                              ("required", "required", CALL), ("named", {"name": "look"}, CALL))],
    Case("parallel-off", ask(user("look"), tools=TOOLS, parallel=False), CALL),
    *[Case(f"effort-{word}", ask(user("think"), effort=word, max_tokens=64000),
           answer(thought("hm"), "ok")) for word in ("low", "high", "xhigh")],
    Case("budget", ask(user("think"), budget=4096, max_tokens=64000), answer(thought("hm"), "ok")),
    Case("budget-off", ask(user("think"), budget=0, max_tokens=64000), answer("ok")),
    Case("effort-none", ask(user("think"), effort="none"), answer("ok"),
         clients=["openai", "responses"]),
    Case("tier-default", ask(user("hi"), tier="default"), answer("ok"),
         clients=["openai", "responses", "gemini"]),
    Case("tier-flex", ask(user("hi"), tier="flex"), answer("ok"),
         clients=["openai", "responses", "gemini"]),
    Case("user", ask(user("hi"), user="u-1"), answer("ok")),
    Case("metadata", ask(user("hi"), metadata={"k": "v"}), answer("ok"),
         clients=["openai", "responses"]),
    Case("cache-mark", ask(user(text("a long text", cache=True), text("short")),
                           tools=[tool()]), answer("ok"),
         clients=["anthropic", "openai"], check=marks),
    Case("answer-empty", HELLO, answer(text(""))),
    Case("answer-refusal", HELLO, answer(refusal("I will not."), finish="refusal")),
    Case("answer-filtered", HELLO, answer("Well", finish="filter")),
    Case("thinking-unsigned", HELLO, answer(thought("let me think\nabout it"), "So."),
         engines=["openai", "ollama", "gemini", "responses"]),
    Case("unicode", HELLO, answer("Grüße 日本語 🏳️‍🌈 \u2028 \u0000 \\ \" \t end 👩‍👩‍👧‍👦"), split="bytes"),
    Case("unicode-asked", ask(user("Grüße 日本語 🏳️‍🌈 \u2028 \\ \" \t end 👩‍👩‍👧‍👦"), system=["ß"]), answer("ok")),
    Case("answer-1mb", HELLO, answer(text("0123456789abcdef" * 65536, size=16384)), split="whole"),
    Case("agent-50-turns", ask(*agent(50), tools=TOOLS, system=["You are an agent."]), CALL),
]
