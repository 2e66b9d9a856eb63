"""talk.py -- asks weir once and judges whether what came back is clean.

Clean is: HTTP that Python's own client reads to its end, and in it either a whole answer
or an error that a program can read (a JSON error object, or an error event that ends a
stream without [DONE])."""
import http.client
import json
import socket

JSON = {"content-type": "application/json"}


class Unclean(AssertionError):
    pass


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body
        self.is_stream = headers.get("content-type", "").startswith("text/event-stream")
        self.has_done, self.error, self.text = False, None, ""
        if self.is_stream:
            self.read_events()
        else:
            self.read_object()

    def read_object(self):
        try:
            value = json.loads(self.body)
        except ValueError:
            raise Unclean(f"{self.status}, and the body is not JSON: "
                          f"{self.body[:200]}") from None
        if self.status != 200:
            self.error = value.get("error")
            if not isinstance(self.error, dict) or not self.error.get("message"):
                raise Unclean(f"{self.status} without an error object: {value}")
            return
        if "choices" not in value:
            raise Unclean(f"200 without choices: {str(value)[:200]}")
        self.text = value["choices"][0]["message"]["content"] or ""

    def read_events(self):
        for block in self.body.decode().split("\n\n"):
            data = [line[5:].strip() for line in block.split("\n")
                    if line.startswith("data:")]
            if data:
                self.read_event("\n".join(data))
        if self.has_done and self.error:
            raise Unclean("an error event, and then [DONE] as if all were well")
        if not self.has_done and not self.error:
            raise Unclean(f"a stream that just stops: {self.body[-200:]}")

    def read_event(self, data):
        if self.has_done or self.error:
            raise Unclean(f"an event after the end: {data[:200]}")
        if data == "[DONE]":
            self.has_done = True
            return
        try:
            value = json.loads(data)
        except ValueError:
            raise Unclean(f"an event that is not JSON: {data[:200]}") from None
        self.error = value.get("error")
        for choice in value.get("choices", []):
            self.text += choice["delta"].get("content") or ""

    @property
    def is_ok(self):
        return self.status == 200 and self.error is None

    @property
    def code(self):
        return self.error and self.error.get("code")


def chat(text, model="auto", stream=False, **more):
    return {"model": model, "stream": stream,
            "messages": [{"role": "user", "content": text}], **more}


class Talker:
    """One connection, kept alive when weir keeps it."""

    def __init__(self, url, timeout_s=30):
        self.timeout_s = timeout_s
        self.host = url.split("//")[1].split("/")[0]
        self.connection = None

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def ask(self, body, headers=None, path="/v1/chat/completions"):
        """An Answer, or Unclean: also for silence and for a connection that breaks."""
        data = body if isinstance(body, (bytes, str)) else json.dumps(body)
        if not self.connection:
            self.connection = http.client.HTTPConnection(self.host,
                                                         timeout=self.timeout_s)
        try:
            self.connection.request("POST", path, data, {**JSON, **(headers or {})})
            got = self.connection.getresponse()
            answer = Answer(got.status, {k.lower(): v for k, v in got.getheaders()},
                            got.read())
        except socket.timeout:
            self.close()
            raise Unclean(f"no answer within {self.timeout_s} s") from None
        except (OSError, http.client.HTTPException) as e:
            self.close()
            raise Unclean(f"not an HTTP answer: {type(e).__name__} {e}") from None
        if got.will_close:
            self.close()
        return answer


def ask(url, body, headers=None, timeout_s=30):
    talker = Talker(url, timeout_s)
    try:
        return talker.ask(body, headers)
    finally:
        talker.close()
