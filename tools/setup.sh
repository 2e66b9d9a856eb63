#!/bin/bash
# setup.sh run|test|parsers|lint|fuzz|bench|engines|pages|clients|peers ... -- installs what is missing of Debian's packages for
# the named purposes, and says so.  When all is there it does nothing, quickly.
# A need is "command:package" (any version of the command will do) or "package".
set -eu

needs=(make:make gcc:build-essential meson:meson ninja:ninja-build pkg-config:pkg-config
    python3:python3 esbuild:esbuild libuv1-dev node-llhttp libssl-dev libjansson-dev libyaml-dev
    libsqlite3-dev libpcre2-dev)
for purpose in "$@"; do
    case $purpose in
    run) ;;
    test)
        PATH=$PATH:/usr/sbin
        needs+=(libcmocka-dev tmux:tmux nginx:nginx-light curl:curl openssl:openssl node:nodejs
            npm:npm nlohmann-json3-dev)
        ;;
    parsers)
        PATH=$PATH:/usr/local/go/bin:${HOME:-/root}/.cargo/bin
        needs+=(nlohmann-json3-dev go:golang-go cargo:cargo)
        ;;
    lint) needs+=(clang-tidy:clang-tidy clang-format:clang-format) ;;
    fuzz) needs+=(clang:clang libclang-rt-14-dev) ;;
    bench) needs+=(haproxy nginx openssl:openssl valgrind) ;;
    engines)
        PATH=$PATH:/usr/local/go/bin
        needs+=(g++:g++ cmake:cmake go:golang-go python3-venv)
        ;;
    pages) needs+=(chromium-headless-shell:chromium-headless-shell) ;;
    clients) needs+=(node:nodejs npm:npm python3-venv) ;;
    peers) needs+=(node:nodejs npm:npm python3-venv) ;;
    *)
        echo "setup: unknown purpose '$purpose' (run, test, parsers, lint, fuzz, bench, engines, pages, clients, peers)" >&2
        exit 2
        ;;
    esac
done

packages=() missing=()
for need in "${needs[@]}"; do
    case $need in
    *:*) command -v "${need%%:*}" >/dev/null || missing+=("${need#*:}") ;;
    *) packages+=("$need") ;;
    esac
done

if ! command -v dpkg-query >/dev/null; then
    echo "setup: this is not Debian; weir needs these libraries (Debian's names):" >&2
    echo "setup:   ${packages[*]}" >&2
    if [ ${#missing[@]} -gt 0 ]; then
        echo "setup: and these programs, which are missing: ${missing[*]}" >&2
        exit 1
    fi
    exit 0
fi

installed=" $(dpkg-query -W -f '${db:Status-Status}:${Package} ' "${packages[@]}" \
    2>/dev/null || true)"
for package in "${packages[@]}"; do
    case $installed in
    *" installed:$package "*) ;;
    *) missing+=("$package") ;;
    esac
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "setup: not root and no sudo; as root, run:" >&2
        echo "setup:   apt-get install --no-install-recommends ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi
install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends)
echo "setup: installing Debian packages: ${missing[*]}" >&2
"${as_root[@]}" "${install[@]}" "${missing[@]}" >&2 || {
    echo "setup: the package lists may be old; updating them" >&2
    "${as_root[@]}" apt-get update >&2
    "${as_root[@]}" "${install[@]}" "${missing[@]}" >&2
}
