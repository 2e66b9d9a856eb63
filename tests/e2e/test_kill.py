"""kill -9 under load, fifty times (WEIR_KILL_ROUNDS): no accepted request is missing, none
is there twice.

A request counts as accepted as soon as anybody saw it get through weir: the engine that
was asked, or the client that was answered.  Its id is its prompt, so both can tell."""
import collections
import http.client
import json
import os
import random
import threading
import time
import unittest

from harness import Engine, Weir, WithWeir

# Each request has a mirror, so that several of its legs are under way when weir dies.
MIRRORED = WithWeir.CONFIG + """  - name: second
    kind: openai
    side: local
    max_inflight: 64
    url: {url}
    models: [{{name: n}}]
mirror: {{to: n, share: 100%}}
"""
ROUNDS = int(os.environ.get("WEIR_KILL_ROUNDS", "50"))
THREADS = 6


class Load:
    """Threads that ask as fast as they can until the connection breaks."""

    def __init__(self, weir, number):
        self.port = int(weir.url.rsplit(":", 1)[1])
        self.number, self.answered = number, []
        self.threads = [threading.Thread(target=self.ask, args=(t,), daemon=True)
                        for t in range(THREADS)]
        for thread in self.threads:
            thread.start()

    def ask(self, thread):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        for n in range(1_000_000):
            name = f"r{self.number}-{thread}-{n}"
            body = json.dumps({"model": "m", "stream": n % 2 == 0,
                               "messages": [{"role": "user", "content": name}]})
            try:
                connection.request("POST", "/v1/chat/completions", body,
                                   {"content-type": "application/json",
                                    "x-request-id": name})
                answer = connection.getresponse()
                if answer.status == 200:
                    self.answered.append(name)
                answer.read()
            except (OSError, http.client.HTTPException):
                return

    def join(self):
        for thread in self.threads:
            thread.join()


class Kill(unittest.TestCase):
    def test_no_accepted_request_is_missing_or_doubled(self):
        engine = Engine()
        self.addCleanup(engine.shutdown)
        weir = Weir(MIRRORED.format(url=engine.url))
        self.addCleanup(weir.remove)
        pause = random.Random(7)
        accepted = set()
        for number in range(ROUNDS):
            weir.start()
            load = Load(weir, number)
            time.sleep(pause.uniform(0.02, 0.25))
            weir.kill()
            load.join()
            accepted |= set(load.answered) | set(engine.seen)
            # Also starts on a log that nobody has read between; and a long run does not
            # spend its time with reading everything again.
            if number % 2 and number < 50 or number % 50 == 49:
                self.check(weir, accepted, number)
        self.check(weir, accepted, ROUNDS)
        self.assertGreater(len(accepted), ROUNDS * 5, "there was hardly any load")
        self.assertGreater(self.mirrored, ROUNDS, "hardly any request had two legs")
        print(f"kill: {ROUNDS} kills, {len(accepted)} accepted requests, none missing, "
              f"none twice; {self.mirrored} with two legs", flush=True)

    def check(self, weir, accepted, number):
        found = weir.ledger()
        rows = collections.Counter(row["client_id"] for row in found)
        self.check_legs(found)
        missing = sorted(accepted - set(rows))
        doubled = sorted(name for name, n in rows.items() if n > 1)
        self.assertEqual((missing[:10], doubled[:10]), ([], []), f"after kill {number}")

    def check_legs(self, rows):
        """Every leg once, and all that were begun; those under way at a kill say so."""
        for row in rows:
            numbers = [leg["n"] for leg in row["legs"]]
            self.assertEqual(numbers, list(range(1, len(numbers) + 1)), row)
            self.assertLessEqual(len(numbers), 2, row)
            if row["outcome"] == "ok" and len(numbers) == 2:
                self.assertEqual({leg["purpose"] for leg in row["legs"]}, {"answer", "mirror"}, row)
        self.mirrored = sum(len(row["legs"]) == 2 for row in rows)

    def test_what_was_open_is_closed_as_interrupted(self):
        engine = Engine()
        self.addCleanup(engine.shutdown)
        weir = Weir(WithWeir.CONFIG.format(url=engine.url))
        self.addCleanup(weir.remove)
        weir.start()
        connection = http.client.HTTPConnection(weir.url.split("//")[1], timeout=20)
        body = {"model": "m", "stream": True,
                "messages": [{"role": "user", "content": "forever"}]}
        connection.request("POST", "/v1/chat/completions", json.dumps(body),
                           {"content-type": "application/json", "x-request-id": "open"})
        connection.getresponse().read(100)
        weir.kill()
        self.assertEqual([(row["client_id"], row["outcome"]) for row in weir.ledger()],
                         [("open", "interrupted")])
