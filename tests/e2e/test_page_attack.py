"""Pages of somebody else in Chromium, while weir's page is open in it: on another port of the same
address, on another name of this machine, and under a name that points here. What the browser lets
them send must read nothing and change nothing."""
import json
import re
import threading
import unittest
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import browser as browsers
from harness import Engine, Weir
from test_page import CONFIG

TRIES = """(async () => {
  const at = %s, said = {};
  const pause = JSON.stringify({do: "pause", why: "stranger"});
  const tell = async (name, work) => {
    const late = new Promise(done => setTimeout(() => done("nothing came"), 2000));
    try { said[name] = String(await Promise.race([work(), late])); } catch (e) { said[name] = "refused: " + e.name; }
  };
  const read = options => async () => {
    const answer = await fetch(at + (options.path || "/weir/api/overview"), {credentials: "include", ...options});
    return answer.type + " " + answer.status + " " + (await answer.text());
  };
  const element = (tag, attributes) => () => new Promise(done => {
    const e = Object.assign(document.createElement(tag), attributes);
    e.onload = () => done(tag === "iframe" && seen(e) || "loaded");
    e.onerror = () => done("refused");
    document.body.append(e);
  });
  const seen = e => { try { return "read " + e.contentDocument.body.innerText; } catch { return "closed to us"; } };
  await tell("fetch", read({}));
  await tell("fetch with a header", read({headers: {"x-weir-page": "x"}}));
  await tell("fetch no-cors", read({mode: "no-cors"}));
  await tell("post text", read({path: "/weir/api/cloud", method: "POST", body: pause, mode: "no-cors", headers: {"content-type": "text/plain"}}));
  await tell("post JSON", read({path: "/weir/api/cloud", method: "POST", body: pause, headers: {"content-type": "application/json"}}));
  await tell("post to an app's path", read({path: "/v1/chat/completions", method: "POST", mode: "no-cors", headers: {"content-type": "text/plain"},
    body: JSON.stringify({model: "auto", messages: [{role: "user", content: "x"}]})}));
  await tell("enter", read({path: "/weir/api/enter", method: "POST", body: '{"link":"x"}', mode: "no-cors"}));
  await tell("image", element("img", {src: at + "/weir/api/overview"}));
  await tell("script", element("script", {src: at + "SCRIPT", type: "module"}));
  await tell("old script", element("script", {src: at + "SCRIPT"}));
  await tell("style", element("link", {rel: "stylesheet", href: at + "STYLE"}));
  await tell("frame", element("iframe", {src: at + "/weir/"}));
  await tell("events", () => new Promise(done => {
    const s = new EventSource(at + "/weir/events", {withCredentials: true});
    s.onopen = () => done("opened");
    s.onerror = () => done("refused");
  }));
  await tell("form", () => new Promise(done => {
    const f = Object.assign(document.createElement("form"), {method: "post", enctype: "text/plain", target: "hole", action: at + "/weir/api/cloud"});
    const hole = Object.assign(document.createElement("iframe"), {name: "hole", onload: () => hole.seen && done(seen(hole))});
    document.body.append(hole, f);
    f.append(Object.assign(document.createElement("input"), {name: '{"do":"pause","why":"', value: 'x"}'}));
    hole.seen = true;
    f.submit();
  }));
  await fetch("/weir/mine", {credentials: "include"});
  return said;
})()"""


class Stranger(ThreadingHTTPServer):
    """Somebody else's server, which notes the cookies that come to it."""
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), StrangerHandler)
        self.cookies = []
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()


class StrangerHandler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.cookies.append(self.headers.get("cookie") or "")
        body = b"<!doctype html><title>A page</title><link rel=icon href='data:,'><body>A page"
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Attack(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.browser = browsers.Browser()
        cls.addClassCleanup(cls.browser.close)
        cls.engine = Engine()
        cls.addClassCleanup(cls.engine.shutdown)

    def setUp(self):
        self.weir = Weir(CONFIG.format(url=self.engine.url)).start()
        self.addCleanup(self.weir.remove)
        self.addCleanup(self.weir.stop)
        self.stranger = Stranger()
        self.addCleanup(self.stranger.shutdown)
        self.port = self.weir.url.rpartition(":")[2]
        self.browser.open()
        self.link = browsers.page_link(self.weir, "operate")
        self.browser.do("goto", url=self.link)
        self.browser.wait("document.querySelector('.view') !== null")
        self.script = self.browser.run("document.querySelector('script[src]').getAttribute('src')")
        self.style = self.browser.run("document.querySelector('link[rel=stylesheet]').getAttribute('href')")

    def ask(self, path, headers):
        try:
            with urllib.request.urlopen(urllib.request.Request(self.weir.url + path, headers=headers), timeout=20) as a:
                return a.status, json.load(a)
        except urllib.error.HTTPError as e:
            return e.code, json.load(e)

    def test_pages_of_strangers_read_nothing_and_change_nothing(self):
        token = (self.weir.folder / "state" / "operator").read_text().split("\n")[1]
        tries = (TRIES % json.dumps(self.weir.url)).replace("SCRIPT", self.script).replace("STYLE", self.style)
        for host in ("127.0.0.1", "localhost", "stranger.example"):
            with self.subTest(host=host):
                self.browser.do("goto", url=f"http://{host}:{self.stranger.server_port}/")
                self.browser.do("requests")
                said = self.browser.run(tries)
                for name in ("fetch", "fetch with a header", "post JSON"):
                    self.assertEqual(said[name], "refused: TypeError", said)
                for name in ("fetch no-cors", "post text", "post to an app's path", "enter"):
                    self.assertIn(said[name], ("refused: TypeError", "opaque 0 "), said)
                for name in ("image", "script", "old script", "style", "events"):
                    self.assertEqual(said[name], "refused", said)
                for name in ("frame", "form"):
                    self.assertIn(said[name], ("closed to us", "nothing came"), said)
                answers = {(r["url"], r["status"]) for r in self.browser.do("requests") if f":{self.port}/" in r["url"]}
                self.assertTrue(answers)
                for url, status in answers:
                    self.assertIn(status, (401, 403, 405, 415, 421), answers)
        status, cloud = self.ask("/weir/api/cloud", {"authorization": "Bearer " + token})
        self.assertEqual((status, cloud["paused"]), (200, False))
        self.assertEqual(self.weir.ledger(), [])

    def test_a_cookie_that_came_to_another_port_opens_nothing(self):
        self.browser.do("goto", url=f"http://127.0.0.1:{self.stranger.server_port}/")
        self.browser.run("fetch('/weir/mine').then(a => a.status)")
        stolen = next(c for c in self.stranger.cookies if f"weir_{self.port}=" in c)
        self.assertEqual(self.ask("/weir/api/me", {"cookie": stolen})[0], 401)
        self.assertEqual(self.browser.run("({...localStorage})"), {})

    def test_a_name_that_points_to_this_machine_is_shown_nothing(self):
        for path in ("/weir/", "/weir/api/overview", self.script):
            self.browser.do("goto", url=f"http://stranger.example:{self.port}{path}")
            self.assertIn("is no name of this machine", self.browser.text())

    def test_the_page_runs_nothing_but_its_own_files(self):
        script = """(async () => {
  const e = document.createElement("script"), said = [];
  try { e.textContent = "window.mine = 1"; said.push("text taken"); } catch { said.push("text refused"); }
  document.body.append(e);
  try { document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='window.mine = 1'>"); said.push("markup taken"); } catch { said.push("markup refused"); }
  try { trustedTypes.createPolicy("mine", {createHTML: x => x}); said.push("policy taken"); } catch { said.push("policy refused"); }
  await fetch("http://127.0.0.1:%d/weir/away").then(() => said.push("went away"), () => said.push("stayed"));
  return [...said, String(window.mine)];
})()""" % self.stranger.server_port
        self.assertEqual(self.browser.run(script),
                         ["text refused", "markup refused", "policy refused", "stayed", "undefined"])
        self.assertEqual(self.stranger.cookies, [])

    def test_a_report_stands_in_a_frame_of_the_page(self):
        script = """new Promise(done => {
  const e = Object.assign(document.createElement("iframe"), {onload: () => done(true),
    src: "/weir/report/fit?name=llama-3.1-8b&device=RTX 4090&pass=" + localStorage.getItem("weir-page").split(" ")[1]});
  e.sandbox = "";
  document.body.append(e);
})"""
        self.browser.do("requests")
        self.assertTrue(self.browser.run(script))
        self.assertEqual([r["status"] for r in self.browser.do("requests") if "/weir/report/" in r["url"]], [200])

    def test_no_secret_is_logged(self):
        cookie = next(c["value"] for c in self.browser.do("cookies") if c["name"] == f"weir_{self.port}")
        mark, passed = self.browser.run("localStorage.getItem('weir-page')").split(" ")
        secret = re.search(r"in=([0-9a-f]{64})", self.link).group(1)
        self.assertRegex(mark, "^[0-9a-f]{64}$")
        self.ask("/weir/api/me", {"cookie": f"weir_{self.port}={cookie}"})
        self.ask("/weir/api/me", {"cookie": f"weir_{self.port}={cookie}0", "x-weir-page": mark})
        self.ask("/weir/api/nothing?in=" + secret, {"x-weir-page": mark})
        self.ask("/weir/report/nothing?pass=" + passed, {"cookie": f"weir_{self.port}={cookie}"})
        self.weir.stop()
        for hidden in (cookie, mark, secret, passed):
            self.assertNotIn(hidden, self.weir.stderr)
        for path in (self.weir.folder / "state").rglob("*"):
            if path.is_file():
                text = path.read_bytes()
                for hidden in (cookie, mark, secret, passed):
                    self.assertNotIn(hidden.encode(), text, path)


if __name__ == "__main__":
    unittest.main()
