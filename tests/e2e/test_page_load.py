"""The pause of the cloud while twenty pages are open: streams that stay, streams that come and go
by the id of their newest row, one that reads no more, views that are asked for, and
configurations that are read anew. The property is that of test_cloud_pause; `make tsan-page` runs
this under ThreadSanitizer, for the feed, the places and the pause are what all workers share."""
import http.client
import json
import signal
import threading
import unittest

import test_cloud_pause
from test_page_bad_day import Stream, come_in

STAY, COME_AND_GO = 16, 3  # and the one that reads no more
VIEWS = ("overview", "rows?limit=100", "spend", "routing", "engines", "held", "cloud", "me")


class PagesOpen(test_cloud_pause.CloudPause):
    PATIENCE_S, LARGE = 6 * test_cloud_pause.CloudPause.PATIENCE_S, 2000  # for ThreadSanitizer

    def setUp(self):
        super().setUp()
        self.faults, self.heard = [], []
        still = Stream(self.weir, small=True)
        self.addCleanup(still.close)
        mine = come_in(self.weir)
        self.staying = [Stream(self.weir, opens=mine) for _ in range(STAY)]
        self.pages = [threading.Thread(target=self.guarded, args=(fn, *args)) for fn, args in
                      [(self.stay, (s,)) for s in self.staying] + [(self.come_and_go, ())] * COME_AND_GO
                      + [(self.look, ()), (self.reload, ())]]
        for p in self.pages:
            p.start()
        self.addCleanup(self.end_pages)

    def end_pages(self):
        self.is_over.set()
        self.weir.remove()  # what stays open ends with it
        for p in self.pages:
            p.join()

    def guarded(self, fn, *args):
        try:
            fn(*args)
        except (OSError, http.client.HTTPException) as e:
            if not self.is_over.is_set():  # else weir has ended
                self.faults.append(repr(e))
        except AssertionError as e:
            self.faults.append(repr(e))

    def stay(self, stream):
        """Until weir ends; each pause and each end of one is told."""
        self.assertEqual(stream.status, 200)
        stream.read_until(lambda: False)
        self.heard.append((len(stream.ids), stream.ended))
        stream.close()

    def come_and_go(self):
        last, seen = None, set()
        while not self.is_over.is_set():
            stream = Stream(self.weir, last)
            self.assertEqual(stream.status, 200)
            stream.read_until(lambda s=stream: s.ids or self.is_over.is_set())
            self.assertEqual(len(stream.ids), len(set(stream.ids)))
            self.assertEqual(seen & set(stream.ids), set())
            seen |= set(stream.ids)
            last = stream.last
            stream.close()

    def look(self):
        c = http.client.HTTPConnection("127.0.0.1", int(self.weir.url.rpartition(":")[2]), timeout=60)
        while not self.is_over.is_set():
            for view in VIEWS:
                c.request("GET", "/weir/api/" + view, headers={"authorization": f"Bearer {self.token}"})
                answer = c.getresponse()
                json.loads(answer.read())
                self.assertEqual(answer.status, 200, view)
        c.close()

    def reload(self):
        while not self.is_over.wait(3):
            self.weir.process.send_signal(signal.SIGHUP)

    def test_no_byte_after_the_acknowledgement(self):
        super().test_no_byte_after_the_acknowledgement()
        for p in self.pages:
            p.join()
        self.assertEqual(self.faults, [])
        self.assertEqual(len(self.heard), STAY)
        for rows, ended in self.heard:
            self.assertGreater(rows, 0)
            self.assertEqual(ended, "draining")


if __name__ == "__main__":
    unittest.main()
