"""selfcheck.py -- the two halves of the checker against each other, without weir: what a client
writes its own engine reads, what an engine says its own client reads.  A fault here is the
checker's."""
import copy
import json
import traceback

from cell import MODES, SPEAKERS, straight
from expect import check_answer, check_request
from normal import Cannot, Wrong


def pair(case, name, mode):
    speaker = SPEAKERS[name]
    q, a = copy.deepcopy(case.q), case.a
    path, body = speaker.request(q, "m", mode == "stream")
    asked = speaker.read_request(json.loads(json.dumps(body)), path)
    check_request(q, asked, name, name)
    if mode == "stream":
        got, _ = speaker.read_stream(b"".join(speaker.stream(a, "m")))
    else:
        got, _ = speaker.read_answer(json.loads(json.dumps(speaker.answer(a, "m"))))
    check_answer(a, got, name, name, speaker, speaker)


def selfcheck(cases):
    """[fault]."""
    found = []
    for case in cases:
        for name in set(case.clients) & set(case.engines):
            for mode in MODES if case.run is straight else ():
                try:
                    pair(case, name, mode)
                except Cannot:
                    pass
                except Wrong as fault:
                    found.append(f"{case.name} {name} {mode}: {fault}")
                except Exception:  # pylint: disable=broad-except
                    found.append(f"{case.name} {name} {mode}: {traceback.format_exc(-3)}")
    return found
