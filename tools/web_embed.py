#!/usr/bin/env python3
"""Write the files of the page as one C source: web_embed.py [--maps] ESBUILD OUT.c FILE ...

esbuild joins the modules of main.js: what the first screen needs (first.js) into one file, each
other view into one of its own, which is loaded when it is opened. The names of scripts and styles
have a digest of what is in them, so a browser may keep them for ever; index.html names them. Each
file is compressed as a browser takes it. The same files give the same source.
--maps: scripts say which line of the source theirs comes from, for whoever looks for a fault."""
import gzip
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8",
         ".css": "text/css; charset=utf-8"}
BUNDLE = ["main.js", "style.css", "--bundle", "--splitting", "--inject:./first.js", "--format=esm", "--minify", "--target=es2022",
          "--outdir=out", "--entry-names=[name]-[hash]", "--chunk-names=[name]-[hash]", "--metafile=meta.json", "--log-level=warning"]


def first_loaded(outputs, name):
    """The script and all that it imports without being asked for."""
    found = [name]
    for one in found:
        found += [i["path"] for i in outputs[one]["imports"]
                  if i["kind"] == "import-statement" and i["path"] not in found]
    return found


def index_html(text, outputs):
    """With the names that its script and its style have now, and all modules that are needed at once."""
    made = {o.get("entryPoint"): name for name, o in outputs.items()}
    scripts = [Path(name).name for name in first_loaded(outputs, made["main.js"])]
    preload = "".join(f'\n<link rel="modulepreload" href="/weir/{name}">' for name in scripts[1:])
    for old, new, behind in (("style.css", Path(made["style.css"]).name, ""), ("main.js", scripts[0], preload)):
        before, line, after = text.partition(f'/weir/{old}"')
        rest, end, after = after.partition("\n")
        if not line or not end:
            raise SystemExit(f"web_embed: index.html does not name /weir/{old}")
        text = before + f'/weir/{new}"' + rest + behind + end + after
    return text


def served(esbuild, paths, more=()):
    """What a browser gets, uncompressed: bytes by name."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for path in paths:
            shutil.copy(path, folder)
        subprocess.run([esbuild, *BUNDLE, *more], cwd=folder, check=True)
        outputs = json.loads((folder / "meta.json").read_text(encoding="utf-8"))["outputs"]
        files = {Path(name).name: (folder / name).read_bytes() for name in outputs}
        index = (folder / "index.html").read_text(encoding="utf-8")
    return {"index.html": index_html(index, outputs).encode(), **files}


def compressed(data):
    return gzip.compress(data, 9, mtime=0)


def main():
    more = ["--sourcemap=inline"] if sys.argv[1] == "--maps" else []
    esbuild, out, *paths = sys.argv[1 + len(more):]
    lines = ["/* Made by tools/web_embed.py; the files are in src/web/page/. */",
             '#include "web/files.h"', ""]
    rows = []
    for i, (name, data) in enumerate(sorted(served(esbuild, paths, more).items())):
        data = compressed(data)
        lines.append(f"static const unsigned char bytes_{i}[] = {{")
        for at in range(0, len(data), 24):
            lines.append(",".join(str(b) for b in data[at:at + 24]) + ",")
        lines.append("};")
        rows.append(f'    {{"{name}", "{TYPES[Path(name).suffix]}", bytes_{i}, sizeof bytes_{i}}},')
    lines += ["const struct web_file web_files[] = {", *rows, "};",
              "const size_t web_nfiles = sizeof web_files / sizeof web_files[0];"]
    Path(out).write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
