#!/bin/bash
# configure.sh DIR MESON-OPTIONS... -- configures DIR, or brings its options up to date.
# In CI (CI set and not empty) warnings are errors.
set -eu
cd "$(dirname "$0")/.."
dir=$1
shift
options=("$@")
[ -z "${CI:-}" ] || options+=(-Dwerror=true)
wanted="${CC:-} ${options[*]}"
stamp="$dir/options.stamp"
if [ ! -f "$dir/build.ninja" ]; then
    meson setup "$dir" "${options[@]}"
elif [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
    # Not `setup --reconfigure`: meson 1.0 (Debian 12) prints new options and keeps the
    # old ones.  ninja configures anew by itself.
    meson configure "$dir" "${options[@]}"
fi
printf '%s\n' "$wanted" >"$stamp"
