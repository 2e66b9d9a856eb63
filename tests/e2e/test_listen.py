"""Several addresses: each offers its dialects, and one that is taken may be gone without."""
import json
import socket
import unittest
import urllib.error
import urllib.request

from harness import Engine, Weir

CHAT = json.dumps({"model": "m", "messages": [{"role": "user", "content": "hello"}]})


def ask(address, path, body=None):
    """(status, body)"""
    request = urllib.request.Request(f"http://{address}{path}",
                                     data=body.encode() if body else None,
                                     headers={"content-type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


class Listen(unittest.TestCase):
    def setUp(self):
        self.engine = Engine()
        self.addCleanup(self.engine.server_close)

    def serve(self, listen):
        weir = Weir("engines:\n  - {name: one, kind: openai, side: local, url: \"%s\", "
                    "models: [{name: m}]}\nlisten: %s\n" % (self.engine.url, listen))
        self.addCleanup(weir.remove)
        return weir.start()

    def test_an_address_offers_what_it_speaks(self):
        port = free_port()
        weir = self.serve("[127.0.0.1:0, {address: \"127.0.0.1:%d\", speaks: [ollama]}]" % port)
        second = f"127.0.0.1:{port}"
        self.assertIn(f" and http://{second}", weir.stderr)
        first = weir.url.removeprefix("http://")
        self.assertEqual(ask(first, "/v1/chat/completions", CHAT)[0], 200)
        status, body = ask(second, "/v1/chat/completions", CHAT)
        self.assertEqual(status, 404)
        self.assertEqual(json.loads(body)["error"]["code"], "not_spoken_here")
        self.assertEqual(ask(second, "/health")[0], 200)
        weir.stop()

    def test_a_taken_port_is_gone_without(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            weir = self.serve("[127.0.0.1:0, {address: \"127.0.0.1:%d\", if_free: true}]" % port)
            self.assertNotIn(" and http://", weir.stderr)
            self.assertEqual(ask(weir.url.removeprefix("http://"), "/health")[0], 200)
            weir.stop()

    def test_a_taken_port_that_must_be_there_is_told(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            with self.assertRaisesRegex(AssertionError, f"cannot listen on 127.0.0.1:{port}"):
                self.serve("[127.0.0.1:0, 127.0.0.1:%d]" % port)


if __name__ == "__main__":
    unittest.main()
