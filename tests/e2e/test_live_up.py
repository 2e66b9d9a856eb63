"""`weir up` beside real engines: what it finds of them, and that it serves them."""
import json

import live
from live import MODEL, OTHER, ask, chat
from test_up import NONE, Case


class Found(Case):
    @classmethod
    def setUpClass(cls):
        cls.ollama = live.Ollama()
        cls.addClassCleanup(cls.ollama.end)
        cls.llama = live.Llama()
        cls.addClassCleanup(cls.llama.end)

    def places(self):
        return ["--probe", f"ollama={self.ollama.port}", "--probe",
                f"llama-server={self.llama.port}"]

    def test_both_are_found_and_only_what_proves_itself_is_local(self):
        found = self.found()
        ollama = next(e for e in found if e["kind"] == "ollama")
        self.assertEqual(ollama["side"], "local")
        self.assertEqual({m["name"] for m in ollama["models"]},
                         {f"{MODEL}:latest", f"{OTHER}:latest"})
        self.assertEqual({m["side"] for m in ollama["models"]}, {"local"})
        llama = next(e for e in found if e["kind"] != "ollama")
        # llama-cpp-python shows nothing of its own; a proxy could look the same.
        self.assertEqual((llama["kind"], llama["side"]),
                         (self.llama.kind, "cloud" if self.llama.kind == "openai"
                          else "local"))
        self.assertEqual([m["name"] for m in llama["models"]], [MODEL])

    def found(self):
        done = self.up().run("up", "--json", *NONE, *self.places())
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)["engines"]

    def test_both_are_served(self):
        weir = self.up(*NONE, *self.places()).start()
        for model in (f"{MODEL}:latest", MODEL, "auto"):
            answer = ask(weir.url + "/v1", "/chat/completions", chat(model=model))
            self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual(answer.headers["x-weir-side"], "local")
        weir.stop()

    def test_a_prompt_longer_than_what_ollama_takes_by_itself_is_read_whole(self):
        """4096 tokens: asked directly, it cuts the beginning, and says nothing of it."""
        prompt = [{"role": "user", "content": "The river is wide. " * 860 + "Say hello."}]
        cut = ask(self.ollama.url, "/chat/completions", chat(messages=prompt, max_tokens=2)).json()
        self.assertEqual(cut["usage"]["prompt_tokens"], 4096)
        weir = self.up(*NONE, "--probe", f"ollama={self.ollama.port}").start()
        for path, body in (("/v1/chat/completions", chat(messages=prompt, max_tokens=2)),
                           ("/api/chat", {"model": MODEL, "stream": False, "messages": prompt,
                                          "options": {"num_predict": 2}})):
            answer = ask(weir.url, path, body)
            self.assertEqual(answer.status, 200, answer.body)
            said = answer.json()
            read = said["usage"]["prompt_tokens"] if "usage" in said else said["prompt_eval_count"]
            self.assertGreater(read, 4200, said)
        weir.stop()


class Started(Case):
    def test_an_engine_that_weir_starts_itself_is_local(self):
        path = live.model_file()
        command = (f"{live.python_with_llama()} -m llama_cpp.server --model {{model}} "
                   "--port {port} --n_threads 1")
        weir = self.up(*NONE, "--model", path, "--engine-command", command).start()
        weir.wait(lambda: weir.models(), "know a model")
        answer = ask(weir.url + "/v1", "/chat/completions", chat(model="auto"))
        self.assertEqual((answer.status, answer.headers["x-weir-side"]), (200, "local"),
                         answer.body)
        self.assertGreater(answer.json()["usage"]["prompt_tokens"], 0)
        weir.stop()


del Case  # its cases are test_up's
