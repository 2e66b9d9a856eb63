"""A real Ollama as the local engine.

It is written in Go, whose JSON reader matches names of members without regard to case and
lets the last one win.  So a client's "Model" would make Ollama answer with another model
than weir routed to, perhaps one in its makers' cloud.  First it is shown that this Ollama
does so; then that through weir none of these requests reaches it."""
import base64
import collections
import json
import random
import re
import struct
import zlib

import live
import test_parsers
from live import HELLO, MODEL, OTHER, ask, chat, text_of

CONFIG = """
engines:
  - name: ollama
    kind: ollama
    side: local
    url: {url}
    models:
      - {{name: {model}, caps: [tools, json_schema, vision]}}
      - {{name: {other}}}
      - {{name: vectors, as: {model}, caps: [embeddings]}}
      - {{name: gone}}
"""
TINY = {"max_tokens": 1, "temperature": 0}
LONG_S, KELVIN = "\u017f", "\u212a"


class Pairs(list):
    """An object as it is written: the same name may come twice."""

    def text(self):
        return "{" + ",".join(f"{name}:{json.dumps(value)}" for name, value in self) + "}"


def written(name):
    return json.dumps(name, ensure_ascii=False)


def with_escape(name, at):
    return f'"{name[:at]}\\u{ord(name[at]):04X}{name[at + 1:]}"'


def spellings(name):
    """Names that Go takes for `name`, as they stand in JSON."""
    found = {written(name.upper()), written(name.capitalize()),
             written(name[:-1] + name[-1].upper()), written(name[0] + name[1:].upper()),
             written("".join(c.upper() if i % 2 else c for i, c in enumerate(name))),
             with_escape(name.upper(), 0), with_escape(name.capitalize(), len(name) - 1)}
    for plain, folded in (("s", LONG_S), ("k", KELVIN)):
        if plain in name:
            found |= {written(name.replace(plain, folded)),
                      written(name.upper().replace(plain.upper(), folded)),
                      written(name.replace(plain, folded, 1)),
                      written(name.replace(plain, folded)).replace(
                          folded, f"\\u{ord(folded):04x}")}
    return sorted(found)


def of_surface(surface):
    return {"chat/completions": ("messages", HELLO), "completions": ("prompt", "Say hello."),
            "embeddings": ("input", "hello")}[surface]


def model_variants(surface):
    """(bytes of a body, whether Go's reader lets OTHER win): before and after the name as
    it should be, and instead of it."""
    content = Pairs([tuple([written(k), v]) for k, v in
                     (of_surface(surface), *TINY.items())])
    for name in [*spellings("model"), '"model"', '"mode\\u006c"']:
        yield Pairs([('"model"', MODEL), (name, OTHER), *content]), True
        if name != '"model"':
            yield Pairs([(name, OTHER), *content]), True
        yield Pairs([(name, OTHER), *content, ('"model"', MODEL)]), False


def content_variants():
    """Chats whose last "messages" by Go's reading is not the one weir would scan."""
    secret = [{"role": "user", "content": "My SSN is 536-22-8726."}]
    for name in [*spellings("messages"), '"messages"', '"messa\\u0067es"']:
        yield Pairs([('"model"', MODEL), ('"messages"', HELLO), (name, secret)])
    for inner in (*spellings("role"), *spellings("content")):
        message = f'{{"role":"user","content":"hi",{inner}:"system"}}'
        yield f'{{"model":"{MODEL}","messages":[{message}],"max_tokens":1}}'
    for name in spellings("stream"):
        yield Pairs([('"model"', MODEL), ('"messages"', HELLO), (name, True)])
    for name in spellings("include_usage"):
        yield (f'{{"model":"{MODEL}","messages":{json.dumps(HELLO)},"stream":true,'
               f'"stream_options":{{"include_usage":true,{name}:false}}}}')
    for name in (*spellings("tools"), *spellings("response_format"),
                 *spellings("max_tokens"), *spellings("stream_options")):
        yield f'{{"model":"{MODEL}","messages":{json.dumps(HELLO)},"max_tokens":1,{name}:null}}'


def as_bytes(body):
    return (body.text() if isinstance(body, Pairs) else body).encode()


class LiveOllama(live.Case):
    @classmethod
    def setUpClass(cls):
        cls.begin(live.Ollama, CONFIG)


class Names(LiveOllama):
    def test_without_weir_another_spelling_of_model_wins(self):
        for surface in ("chat/completions", "completions"):
            for body, other_wins in model_variants(surface):
                with self.subTest(body=body.text()):
                    answer = ask(self.engine.url, "/" + surface, as_bytes(body))
                    self.assertEqual(answer.status, 200, answer.body)
                    self.assertEqual(answer.json()["model"], OTHER if other_wins else MODEL)

    def test_without_weir_a_model_that_is_not_there_is_named_as_it_was_understood(self):
        body = as_bytes(Pairs([('"model"', MODEL), ('"mOdEl"', "not-there"),
                               ('"input"', "x")]))
        answer = ask(self.engine.url, "/embeddings", body)
        self.assertEqual(answer.status, 404)
        self.assertIn("not-there", answer.json()["error"]["message"])

    def test_without_weir_other_messages_win(self):
        """Seen by the count of what was read: 40 times the text, many times the tokens."""
        plain = ask(self.engine.url, "/chat/completions", chat(max_tokens=1)).json()
        long = [{"role": "user", "content": "Say hello. " * 40}]
        for name in spellings("messages"):
            with self.subTest(name=name):
                body = Pairs([('"model"', MODEL), ('"messages"', HELLO), (name, long),
                              ('"max_tokens"', 1)])
                answer = ask(self.engine.url, "/chat/completions", as_bytes(body)).json()
                self.assertGreater(answer["usage"]["prompt_tokens"],
                                   5 * plain["usage"]["prompt_tokens"])

    def refused(self, surface, body):
        with self.subTest(body=as_bytes(body).decode()):
            answer = ask(self.weir.url + "/v1", "/" + surface, as_bytes(body))
            self.assertEqual(answer.status, 400, answer.body)
            self.assertIn(answer.json()["error"]["code"],
                          ("ambiguous_key", "duplicate_key", "invalid_field"))
        return 1

    def test_through_weir_none_reaches_the_engine(self):
        before, tried = self.engine.requests(), 0
        for surface in ("chat/completions", "completions", "embeddings"):
            for body, _ in model_variants(surface):
                tried += self.refused(surface, body)
        for body in content_variants():
            tried += self.refused("chat/completions", body)
        for surface, name in (("completions", "prompt"), ("embeddings", "input")):
            for spelling in spellings(name):
                tried += self.refused(surface, Pairs([
                    ('"model"', MODEL), (f'"{name}"', "a"), (spelling, "b")]))
        self.assertGreater(tried, 100)
        self.assertEqual(ask(self.weir.url + "/v1", "/chat/completions",
                             chat(max_tokens=1)).status, 200)
        self.assertEqual(self.engine.requests(), before + 1)

    def test_other_spellings_are_refused_on_ollamas_own_paths_too(self):
        before = self.engine.requests()
        for path, more in (("/api/chat", {"messages": HELLO}), ("/api/generate", {"prompt": "x"}),
                           ("/api/embed", {"input": "x"}), ("/api/embeddings", {"prompt": "x"})):
            answer = ask(self.weir.url, path, {"model": MODEL, "Model": OTHER, **more})
            self.assertEqual(answer.status, 400, answer.body)
            self.assertIn("'Model'", answer.json()["error"])
        self.assertEqual(self.engine.requests(), before)
        answer = ask(self.weir.url, "/api/chat", {
            "model": MODEL, "messages": HELLO, "stream": False, "options": {"num_predict": 1}})
        self.assertEqual((answer.status, answer.json()["done"]), (200, True), answer.body)


# No model of these names is there: Ollama says at once which one it looked for.
ABSENT = """
access_log: off
engines:
  - {{name: sky, kind: openai, side: cloud, url: "{url}", models: [
      {{name: cloud-m, as: absent-sky-m}}, {{name: cloud-e, as: absent-sky-e, caps: [embeddings]}}]}}
  - {{name: home, kind: ollama, side: local, url: "{url}", models: [
      {{name: home-m, as: absent-home-m}}, {{name: home-e, as: absent-home-e, caps: [embeddings]}}]}}
"""


class Hostile(live.Case):
    """Random hostile bodies (tests/parsers/hostile.py): one that gets past weir asks this
    Ollama for the model that weir chose.  WEIR_PARSERS_RUNS says how many."""

    @classmethod
    def setUpClass(cls):
        cls.begin(live.Ollama, ABSENT)

    def test_what_gets_past_weir_asks_for_the_model_that_it_chose(self):
        client, looked_for = test_parsers.Client(self.weir.url), collections.Counter()
        for run in range(test_parsers.RUNS):
            pick = random.Random(f"ollama-{test_parsers.SEED}-{run}")
            body = test_parsers.hostile.hostile(pick)
            data = body.encode(pick)
            status, text = client.send(body, data, f"r-{run}")
            self.assertLess(status, 504, data[:600])
            found = re.search(rb'model \\"([^"]*)\\" not found', text)
            if found:
                looked_for[found[1].decode()] += 1
                self.assertRegex(found[1], b"^absent-(sky|home)-[me]$", data[:600])
        print(f"ollama: of {test_parsers.RUNS} hostile bodies it looked for {dict(looked_for)}",
              flush=True)
        self.assertGreater(looked_for.total(), test_parsers.RUNS / 20)


def png():
    """A white square."""
    def part(kind, data):
        return (struct.pack(">I", len(data)) + kind + data
                + struct.pack(">I", zlib.crc32(kind + data)))
    rows = b"".join(b"\0" + b"\xff" * 24 for _ in range(8))
    return (b"\x89PNG\r\n\x1a\n" + part(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0))
            + part(b"IDAT", zlib.compress(rows)) + part(b"IEND", b""))


CALL = {"type": "object", "required": ["name", "parameters"], "properties": {
    "name": {"type": "string", "enum": ["weather"]},
    "parameters": {"type": "object", "required": ["city"], "properties": {
        "city": {"type": "string", "enum": ["Oslo"]}}}}}
TOOL = {"type": "function", "function": {
    "name": "weather", "description": "The weather of a city.", "parameters": {
        "type": "object", "required": ["city"],
        "properties": {"city": {"type": "string", "description": "its name"}}}}}


class Ordinary(LiveOllama, live.Ordinary):
    """Beside what every engine must do (live.Ordinary)."""

    def test_a_tool_call_comes_through_plain_and_streamed(self):
        # The grammar leaves the model no choice but this call; Ollama reads it as one.
        body = chat(tools=[TOOL], max_tokens=64, response_format={
            "type": "json_schema", "json_schema": {"name": "call", "schema": CALL}})
        plain, _ = self.same("/chat/completions", body)
        self.check_call(plain["choices"][0]["message"]["tool_calls"])
        self.assertEqual(plain["choices"][0]["finish_reason"], "tool_calls")
        events = self.through("/chat/completions", {**body, "stream": True}).events()
        self.check_call([call for e in events[:-1] for c in e["choices"]
                         for call in c["delta"].get("tool_calls") or ()])

    def check_call(self, calls):
        self.assertEqual([c["function"]["name"] for c in calls], ["weather"])
        self.assertEqual(json.loads(calls[0]["function"]["arguments"]), {"city": "Oslo"})

    def test_a_tools_result_goes_back(self):
        call = {"id": "call_1", "type": "function", "function": {
            "name": "weather", "arguments": '{"city":"Oslo"}'}}
        self.same("/chat/completions", chat(tools=[TOOL], messages=[
            *HELLO, {"role": "assistant", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "call_1", "content": "sunny"}]))

    def test_a_schema_is_kept_to(self):
        plain, _ = self.same("/chat/completions", chat(max_tokens=64, response_format={
            "type": "json_schema", "json_schema": {"name": "call", "schema": CALL}}))
        self.assertEqual(json.loads(plain["choices"][0]["message"]["content"]),
                         {"name": "weather", "parameters": {"city": "Oslo"}})

    def test_a_picture_gets_the_engines_own_answer(self):
        """This model sees nothing, and Ollama says so or leaves the picture out."""
        url = "data:image/png;base64," + base64.b64encode(png()).decode()
        body = chat(messages=[{"role": "user", "content": [
            {"type": "text", "text": "What is this?"},
            {"type": "image_url", "image_url": {"url": url}}]}])
        self.same_or_same_error("/chat/completions", body)

    def test_a_model_that_repeats_itself_is_stopped_and_its_tokens_are_estimated(self):
        """Ollama breaks off after 30 equal tokens: without a finish, and counting 0."""
        loop = [{"role": "user", "content": "la la la la la la la la"}]
        direct = ask(self.engine.url, "/chat/completions",
                     chat(messages=loop, max_tokens=200)).json()
        if direct["usage"]["total_tokens"]:
            self.skipTest("this model does not repeat itself here")
        answer = self.through("/chat/completions", chat(messages=loop, max_tokens=200),
                              "loops")
        self.assertEqual(answer.status, 200)
        row = self.row("loops")
        self.assertEqual(row["tokens_source"], "estimated")
        self.assertGreater(row["tokens"]["output"], 0)

    def test_a_runner_that_dies_under_a_stream_is_an_error(self):
        stream = self.endless("runner-dies")
        self.engine.kill_runner()
        self.check_broken(stream.rest(), "runner-dies")
        # The next request has a new runner, once the engine has noticed.
        live.wait(lambda: self.through("/chat/completions", chat()).status == 200,
                  "an answer after that")


class Short(live.Case):
    """With a context that is shorter than the prompt, which Ollama cuts in silence."""

    @classmethod
    def setUpClass(cls):
        cls.begin(lambda: live.Ollama(OLLAMA_CONTEXT_LENGTH="512"), CONFIG)

    def test_a_prompt_that_was_cut_is_marked(self):
        long = [{"role": "user", "content": f"Say hello {n} times. "} for n in range(400)]
        for is_stream in (False, True):
            name = f"cut-{is_stream}"
            answer = self.through("/chat/completions",
                                  chat(messages=long, max_tokens=2, stream=is_stream), name)
            self.assertEqual(answer.status, 200, answer.body)
            row = self.row(name)
            self.assertIn("truncated", [reason["rule"] for reason in row["reasons"]], row)


class Masked(live.Case):
    """This Ollama counts as cloud: it gets tags, and a grammar makes it write them."""
    MAIL = "maria.schmidt@acme-corp.de"

    @classmethod
    def setUpClass(cls):
        cls.begin(live.Ollama, """
policy: cloud-only
engines:
  - {{name: sky, kind: openai, side: cloud, url: "{url}", models: [
      {{name: m, as: {model}, price: openai/gpt-4o, caps: [tools, json_schema]}}]}}
""")

    def body(self, **more):
        call = json.loads(json.dumps(CALL).replace("Oslo", self.MAIL))
        return chat(model="m", max_tokens=80, response_format={
            "type": "json_schema", "json_schema": {"name": "call", "schema": call}},
            messages=[{"role": "user", "content": f"Write to {self.MAIL}."}], **more)

    def check(self, said, name):
        self.assertEqual(json.loads(said)["city"], self.MAIL)
        restored = [reason["detail"] for reason in self.row(name)["reasons"]
                    if reason["rule"] == "restored"]
        self.assertRegex(restored[0], "^[1-9][0-9]* tags, 0 of them damaged; 0 unknown")

    def test_a_value_comes_back_in_text_and_tool_calls_plain_and_streamed(self):
        for is_stream, more in ((False, {}), (True, {}), (True, {"tools": [TOOL]})):
            name = f"masked-{is_stream}-{len(more)}"
            answer = self.through("/chat/completions",
                                  self.body(stream=is_stream, **more), name)
            self.assertEqual(answer.status, 200, answer.body)
            self.check(self.arguments_of(answer, is_stream, more), name)

    @staticmethod
    def arguments_of(answer, is_stream, has_tools):
        if not has_tools:
            text = (text_of(answer.events()) if is_stream
                    else answer.json()["choices"][0]["message"]["content"])
            return json.dumps(json.loads(text)["parameters"])
        if not is_stream:
            call, = answer.json()["choices"][0]["message"]["tool_calls"]
            return call["function"]["arguments"]
        return "".join(call["function"]["arguments"] for e in answer.events()[:-1]
                       for c in e["choices"] for call in c["delta"].get("tool_calls") or ())


class Leaving(LiveOllama, live.Leaving):
    pass


class Dying(LiveOllama, live.Dying):
    pass


del LiveOllama  # it has no cases of its own
