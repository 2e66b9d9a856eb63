"""simulated.py -- `weir sim` as a process, and where its dialects are."""
import re
import subprocess
import threading
import urllib.error
import urllib.request

import harness

# A form in which engines speak: what its url ends in, and the path by which a model is asked.
FORMS = {"openai": ("/v1", "/v1/chat/completions"),
         "responses": ("/v1", "/v1/responses"),
         "anthropic": ("", "/v1/messages"),
         "ollama": ("", "/api/chat"),
         "gemini": ("/v1beta", "/v1beta/models/m:generateContent")}


def is_served(url, path):
    """A path that nobody serves is a 404 or 405 to any request."""
    request = urllib.request.Request(url + path, b"{}", {"content-type": "application/json"})
    try:
        with urllib.request.urlopen(request):
            return True
    except urllib.error.HTTPError as why:
        with why:
            return why.code not in (404, 405)


class Sim:
    def __init__(self, *words):
        self.process = subprocess.Popen([harness.WEIR, "sim", *words], text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        line = self.process.stdout.readline()
        found = re.search(r"http://[\d.]+:\d+", line)
        if not found:
            raise AssertionError(f"weir sim says {line}")
        self.url = found.group(0)
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def stop(self):
        self.process.terminate()
        self.process.wait(harness.PATIENCE_S)
        self.process.stdout.close()

    def forms(self):
        return [f for f, (_, path) in FORMS.items() if is_served(self.url, path)]
