#!/bin/bash
# build.sh DIR -- builds the parsers of other makers into DIR, those whose tools are there.
# For one that cannot be built DIR/NAME.why says why; tests then skip it, loudly.
# Only cargo may need the network (its crates, once): tests themselves never do.
set -u
dir=${1:?usage: build.sh DIR}
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
cd "$(dirname "$0")"
PATH=$PATH:/usr/local/go/bin:${HOME:-/root}/.cargo/bin

# try NAME SOURCE... -- COMMAND...: runs it unless NAME is newer than its sources.
try() {
    local name=$1 sources=() fresh=1 file
    shift
    while [ "$1" != -- ]; do sources+=("$1") && shift; done
    shift
    [ -x "$dir/$name" ] || fresh=
    for file in "${sources[@]}"; do [ "$file" -ot "$dir/$name" ] || fresh=; done
    [ -z "$fresh" ] || return 0
    rm -f "$dir/$name"
    if "$@" >"$dir/$name.log" 2>&1; then
        rm -f "$dir/$name.why"
    else
        echo "it cannot be built: $(tail -n 1 "$dir/$name.log")" >"$dir/$name.why"
    fi
}

lacking() {
    rm -f "$dir/$1"
    echo "$2 is not installed (tools/setup.sh parsers)" >"$dir/$1.why"
}

if ! command -v go >/dev/null; then
    lacking go-reading "Go"
else
    export GOTOOLCHAIN=local GOFLAGS=-mod=mod GOPROXY=off
    go_build() { (cd go && go build -o "$dir/go-reading" .); }
    try go-reading go/main.go go/go.mod -- go_build
fi

if ! echo '#include <nlohmann/json.hpp>' | ${CXX:-c++} -E -x c++ - >/dev/null 2>&1; then
    lacking nlohmann-reading "nlohmann-json3-dev or a compiler for C++"
else
    try nlohmann-reading nlohmann.cpp -- \
        ${CXX:-c++} -std=c++17 -O1 -o "$dir/nlohmann-reading" nlohmann.cpp
fi

rust_build() { # in a copy: cargo writes beside its sources
    rm -rf "$dir/rust" && cp -r rust "$dir/rust" &&
        CARGO_NET_RETRY=0 CARGO_HTTP_TIMEOUT=20 timeout 300 \
            cargo build --quiet --release --manifest-path "$dir/rust/Cargo.toml" &&
        cp "$dir/rust/target/release/rust-reading" "$dir/rust-reading"
}
if ! command -v cargo >/dev/null; then
    lacking rust-reading "Rust's cargo"
else
    try rust-reading rust/src/main.rs rust/Cargo.toml -- rust_build
fi
exit 0
