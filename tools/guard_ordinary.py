"""Texts that hold nothing confidential: pieces of installed sources, and real negatives."""
import os
import random
import re
import subprocess
from pathlib import Path

from guard_score import read_rows

CHUNK_LINES, FILES, CHUNKS = 45, 400, 1000
ROOTS = ("/usr/lib/python3", "/usr/lib/python3.11", "/usr/include", "/usr/share",
         "/usr/lib/node_modules", "/usr/lib/git-core", "/usr/src", "/usr/lib/llvm-14",
         "/usr/lib/go", "/usr/share/go", "/usr/local/go", "/usr/local/lib", "/opt")
LANGUAGES = {".py": "Python", ".c": "C", ".h": "C headers", ".cpp": "C++", ".hpp": "C++",
             ".cc": "C++", ".go": "Go", ".js": "JavaScript", ".mjs": "JavaScript",
             ".ts": "TypeScript", ".pl": "Perl", ".pm": "Perl", ".sh": "Shell",
             ".php": "PHP", ".rs": "Rust", ".java": "Java", ".rb": "Ruby"}
MOST = 10


def source_files(roots):
    """{language: paths}, of the ten with the most files; a path as often as it is met."""
    found = {}
    for root in roots:
        for folder, dirs, names in os.walk(root):
            dirs[:] = sorted(d for d in dirs if d not in (".git", "__pycache__"))
            for name in sorted(names):
                language = LANGUAGES.get(os.path.splitext(name)[1])
                if language and not name.endswith(".min.js"):
                    found.setdefault(language, {})[os.path.realpath(f"{folder}/{name}")] = 1
    most = sorted(found.items(), key=lambda x: (-len(x[1]), x[0]))[:MOST]
    return {language: sorted(paths) for language, paths in most}


def chunks_of(path):
    try:
        lines = Path(path).read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError):
        return []
    if max(map(len, lines)) > 2000:
        return []
    cut = ["\n".join(lines[i:i + CHUNK_LINES]) for i in range(0, len(lines), CHUNK_LINES)]
    return [text for text in cut if text.strip()]


def go_root():
    try:
        return subprocess.run(["go", "env", "GOROOT"], capture_output=True, text=True,
                              check=True).stdout.split()
    except (OSError, subprocess.CalledProcessError):
        return []


def code_rows(roots=None):
    """Pieces of 45 lines; the file is the template, as its pieces are alike."""
    dice, rows = random.Random(1), []
    for language, paths in source_files(roots or [*ROOTS, *go_root()]).items():
        pieces = [(path, text) for path in dice.sample(paths, min(FILES, len(paths)))
                  for text in chunks_of(path)]
        for i, (path, text) in enumerate(dice.sample(pieces, min(CHUNKS, len(pieces)))):
            rows.append({"id": f"{language}-{i}", "text": text, "spans": [],
                         "cls": language, "tpl": path})
    return rows


def held_out(row):
    return int(re.search(r"\d+$", row["id"]).group()) % 5 == 0


def negative_rows(folder):
    """The held-out fifth, and what may only be measured, without those that may name
    somebody."""
    rows = []
    for path in sorted(folder.glob("*.jsonl.gz")):
        for row in read_rows(path):
            if (row["use"] == "measure" or held_out(row)) and not row.get("maybe"):
                row["cls"] = path.name.split(".")[0]
                row["spans"] = []
                rows.append(row)
    return rows
