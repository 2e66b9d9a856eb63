#!/bin/bash
# lint.sh [--changed] BUILD -- formatting, house rules, clang-tidy; file:line for each.
# --changed: only files that differ from the last commit (or are in it, when none do).
# BUILD is a configured build directory: clang-tidy reads its compile commands.
set -u
cd "$(dirname "$0")/.."
changed=
[ "${1:-}" != --changed ] || { changed=1 && shift; }
build=${1:?usage: lint.sh [--changed] BUILD}
status=0

if [ -n "$changed" ]; then
    mapfile -t files < <({ git diff --name-only --diff-filter=d HEAD
        git ls-files --others --exclude-standard; } | sort -u)
    [ ${#files[@]} -gt 0 ] || mapfile -t files < <(git diff --name-only --diff-filter=d HEAD~)
else
    mapfile -t files < <(git ls-files --cached --others --exclude-standard src tests)
fi
sources=()
for f in "${files[@]}"; do
    case $f in src/*.[ch] | tests/*.[ch]) [ ! -f "$f" ] || sources+=("$f") ;; esac
done

echo "-- format"
[ ${#sources[@]} -eq 0 ] || clang-format --dry-run -Werror "${sources[@]}" || status=1

echo "-- house rules"
if [ -n "$changed" ]; then
    [ ${#sources[@]} -eq 0 ] || python3 tools/lint_source.py "${sources[@]}" || status=1
else
    python3 tools/lint_source.py || status=1
fi

echo "-- clang-tidy"
# Files made by the build are not ours to judge; gcc's own flags are not clang's.
units=$(python3 - "$build" "${sources[@]}" <<'PY'
import json, os, sys
build, wanted = sys.argv[1], set(sys.argv[2:])
for entry in json.load(open(os.path.join(build, "compile_commands.json"))):
    path = os.path.relpath(os.path.join(entry["directory"], entry["file"]))
    if path in wanted and path.startswith("src/"):
        print(path)
PY
)
[ -z "$units" ] || printf '%s\n' "$units" | sort -u | xargs -P 2 -n 4 \
    clang-tidy -p "$build" --quiet --extra-arg=-Wno-unknown-warning-option || status=1

[ $status -eq 0 ] && echo "lint: clean" || echo "lint: FAILED"
exit $status
