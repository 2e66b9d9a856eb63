#!/bin/sh
# allow_list.sh WEIR: .weir-allow anew, out of the files that are under version control.
set -eu
weir=$(realpath "$1")
cd "$(dirname "$0")/.."
root=$PWD
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
git checkout-index --all --prefix="$folder/"
rm -f "$folder/.weir-allow"
cd "$folder"
{
    echo "# The made-up passwords, keys and numbers of this repository's tests and manuals, for"
    echo "# guard: allow of whoever works on it with weir in front of an agent.  Made by"
    echo "# make allow-list; look at what it adds before it is committed."
    # The place without its line: lines move.
    "$weir" scan --dir . --why 2>/dev/null | sed -n 's/^\(sha256:.* # [A-Z_0-9]* \)\.\/\(.*\):[0-9]*$/\1\2/p'
} >"$root/.weir-allow.new"
mv "$root/.weir-allow.new" "$root/.weir-allow"
