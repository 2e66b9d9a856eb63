"""One digest of the sources that decide what may leave, as a C file.

    source_digest.py ROOT OUTPUT DEPFILE PLACE...

A PLACE is a file or a folder (its .c and .h files, not those of folders in it), relative to
ROOT.  The digest is SHA-256 over name, length and content of every file in the order of
the names, so it is the same wherever the same sources are built, and another one when a
byte of them is another, or a file is added or gone.  The depfile names the files and the
folders: ninja runs this again when any of them changes.
"""
import hashlib
import os
import sys


def files_of(root, place):
    path = os.path.join(root, place)
    if os.path.isfile(path):
        return [place]
    return [f"{place}/{name}" for name in os.listdir(path)
            if name.endswith((".c", ".h")) and not name.startswith(".")]


def main():
    root, output, depfile, *places = sys.argv[1:]
    names = sorted({name for place in places for name in files_of(root, place)},
                   key=lambda name: name.encode())
    sums = hashlib.sha256()
    for name in names:
        with open(os.path.join(root, name), "rb") as f:
            content = f.read()
        sums.update(f"{len(name.encode())}:{name}:{len(content)}:".encode())
        sums.update(content)
    with open(output, "w") as f:
        f.write("/* Made by tools/source_digest.py. */\n"
                '#include "guard/source.h"\n\n'
                f'const char guard_source_digest[] = "{sums.hexdigest()}";\n')
    folders = [place for place in places if os.path.isdir(os.path.join(root, place))]
    with open(depfile, "w") as f:
        wanted = [os.path.join(root, name).replace(" ", "\\ ") for name in names + folders]
        f.write(f"{output}: {' '.join(wanted)}\n")


main()
