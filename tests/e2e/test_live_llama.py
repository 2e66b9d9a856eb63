"""A real llama.cpp as the local engine: the server of llama-cpp-python, or a llama-server.

Nothing is asserted on what the model says, only that it is the engine's own answer, on
shapes, counts and what the ledger makes of them."""
import json

import live
from harness import TlsEngine
from live import MODEL, ask, chat

CONFIG = """
engines:
  - name: llama
    kind: {kind}
    side: local
    url: {url}
    max_inflight: {inflight}
    models: [{{name: {model}, caps: [tools, json_schema]}}, {{name: vectors, as: {model}, caps: [embeddings]}}]
"""
TOOL = {"type": "function", "function": {
    "name": "weather", "description": "The weather of a city.", "parameters": {
        "type": "object", "required": ["city"],
        "properties": {"city": {"type": "string", "enum": ["Oslo"]}}}}}
CHOICE = {"type": "function", "function": {"name": "weather"}}


def llama():
    return live.Llama("--chat_format", "chatml-function-calling")


def config(inflight=1):
    """llama-cpp-python breaks one answer off when it is asked for another."""
    return CONFIG.replace("{inflight}", str(inflight))


class LiveLlama(live.Case):
    # It would end a chat soon; here it may not say that it is at its end.
    ENDLESS = "/completions", {"model": MODEL, "prompt": "one two three", "stream": True,
                               "max_tokens": 1500, "temperature": 0,
                               "logit_bias": {"1": -100, "106": -100}}

    @classmethod
    def setUpClass(cls):
        cls.begin(llama, config())


class Ordinary(LiveLlama, live.Ordinary):
    """Beside what every engine must do (live.Ordinary)."""

    def test_bench_measures_it(self):
        done = self.weir.run("bench", f"{self.engine.url}#{MODEL}", "--local", "--requests",
                             "2", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = {t["id"]: t["rows"][0] for s in json.loads(done.stdout)["sections"].values()
                for t in s["tables"]}
        self.assertEqual((rows["load"]["requests"], rows["load"]["failed"]), ("2", "0"))
        for cell in (rows["ttft"]["cold"], rows["ttft"]["p50"], rows["streams"]["tokens/s"],
                     rows["streams"]["ITL p50"], rows["load"]["tokens/s"]):
            self.assertGreater(float(cell), 0)

    def test_a_tool_call_comes_through_plain_and_streamed(self):
        body = chat(tools=[TOOL], tool_choice=CHOICE, max_tokens=64)
        plain, _ = self.same("/chat/completions", body)
        calls = plain["choices"][0]["message"]["tool_calls"]
        self.assertEqual([c["function"]["name"] for c in calls], ["weather"])
        self.assertEqual(json.loads(calls[0]["function"]["arguments"]), {"city": "Oslo"})
        events = self.through("/chat/completions", {**body, "stream": True}).events()
        self.assertEqual(events[-1], "[DONE]")
        pieces = [call for e in events[:-1] for c in e["choices"]
                  for call in c["delta"].get("tool_calls") or ()]
        self.assertEqual({c["index"] for c in pieces}, {0})
        self.assertEqual(json.loads("".join(c["function"]["arguments"] for c in pieces)),
                         {"city": "Oslo"})

    def test_a_prompt_too_long_is_the_clients_fault_in_the_engines_words(self):
        long = [{"role": "user", "content": "Say hello. " * 3000}]
        direct = ask(self.engine.url, "/chat/completions", chat(messages=long))
        answer = self.through("/chat/completions", chat(messages=long))
        self.assertEqual(answer.status, 400)
        self.assertEqual(answer.json()["error"]["code"], "context_length_exceeded")
        self.assertEqual(self.said_by(answer), self.said_by(direct))

    def test_a_client_whose_requests_are_faulty_shuts_nobody_out(self):
        """This engine says 500 to a client's faults too."""
        for _ in range(20):
            self.assertGreaterEqual(self.through(
                "/chat/completions", chat(temperature="hot")).status, 400)
        self.assertEqual(self.through("/chat/completions", chat()).status, 200)


class Leaving(LiveLlama, live.Leaving):
    pass


class Dying(LiveLlama, live.Dying):
    pass


class Vectors(live.Case):
    @classmethod
    def setUpClass(cls):
        cls.begin(lambda: live.Llama("--embedding", "True"), config())

    def test_embeddings_are_the_engines_own(self):
        texts = ["one", "two three"]
        direct = ask(self.engine.url, "/embeddings", {"model": MODEL, "input": texts})
        answer = self.through("/embeddings", {"model": "vectors", "input": texts}, "vectors")
        self.assertEqual((direct.status, answer.status), (200, 200), answer.body)
        self.assertEqual(answer.json(), direct.json())
        row = self.row("vectors")
        self.assertEqual((row["tokens_source"], row["tokens"]["input"]),
                         ("reported", direct.json()["usage"]["prompt_tokens"]))


class Interrupted(LiveLlama):
    """More at once than this engine can take, which it does not say."""

    @classmethod
    def setUpClass(cls):
        cls.begin(llama, config(inflight=4))
        if cls.engine.kind == "llama-server":
            live.skip("llama-cpp-python", "a llama-server does not do this")

    def test_half_of_an_answer_is_not_passed_off_as_whole(self):
        stream = self.endless("first")
        second = self.through("/chat/completions", chat(), "second")
        self.check_broken(stream.rest(), "first")
        self.assertEqual(second.status, 200, second.body)
        self.assertEqual(self.row("second")["outcome"], "ok")


class BesideACloud(live.Case):
    @classmethod
    def setUpClass(cls):
        cls.cloud = TlsEngine()
        cls.addClassCleanup(cls.cloud.shutdown)
        cls.begin(llama, config() + f"""
  - name: sky
    kind: openai
    side: cloud
    url: {cls.cloud.url}
    ca_file: {cls.cloud.ca_file}
    models: [{{{{name: gpt-4o, price: openai/gpt-4o}}}}]
""")

    def test_a_tls_engine_beside_it_with_its_cost(self):
        for name, is_stream in (("sky-plain", False), ("sky-stream", True)):
            self.through("/chat/completions", chat(model="gpt-4o", stream=is_stream), name)
            row = self.row(name)
            self.assertEqual((row["side"], row["outcome"]), ("cloud", "ok"))
            self.assertEqual((row["tokens"]["input"], row["tokens"]["output"]), (5, 2))
            self.assertGreater(row["cost_nanousd"], 0)
            self.assertTrue(row["price_date"])

    def test_what_may_not_leave_is_answered_here(self):
        secret = [{"role": "user", "content": "My SSN is 536-22-8726. Say hello."}]
        answer = self.through("/chat/completions", chat(model="auto", messages=secret), "ssn")
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual(answer.headers["x-weir-side"], "local")
        self.assertEqual(self.cloud.seen, [text for text in self.cloud.seen
                                           if "536" not in text])


del LiveLlama  # it has no cases of its own
