"""program.py -- what the scripts that run command line programs share.

The protocol is that of python/kit.py.  A program's own words are its answer; one that
fails, or says an error on standard error alone, is an error with all it said."""
import json
import os
import re
import subprocess
import sys
from pathlib import Path

URL, KEY, HOME = os.environ["WEIR_URL"], os.environ["WEIR_KEY"], Path(os.environ["HOME"])
PLACE = Path(sys.argv[1])
PATIENCE_S = 120
FRAMES = re.compile("[\u2500-\u257f\u276f\u2771]")
COLOURS = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


class Failed(Exception):
    pass


def unframed(text):
    """On one line, and without the boxes that some programs draw around an error."""
    return " ".join(FRAMES.sub(" ", COLOURS.sub("", text)).split())


def run(*words, text=None, **env):
    """What the program printed; Failed with everything when it could not."""
    done = subprocess.run([str(w) for w in words], input=text, capture_output=True,
                          text=True, timeout=PATIENCE_S, cwd=HOME,
                          env={**os.environ, **env}, check=False)
    out = COLOURS.sub("", done.stdout)
    if done.returncode != 0:
        raise Failed(out + COLOURS.sub("", done.stderr))
    return out


def main(cells):
    for name, text in json.load(sys.stdin).items():
        if name not in cells:
            continue
        try:
            line = {"cell": name, "value": cells[name](text)}
        except (Failed, subprocess.TimeoutExpired) as error:
            line = {"cell": name, "error": {"class": type(error).__name__, "bases": [],
                                            "status": None, "text": unframed(str(error))[-4000:]}}
        print("CELL " + json.dumps(line), flush=True)
