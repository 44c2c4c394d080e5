#!/bin/sh
# Make .venv hold what requirements.lock pins and this project itself. Installs nothing outside this folder.
set -eu
cd "$(dirname "$0")/.."
here=$(pwd -P)
venv=.venv
ready=$venv/.ready

fail() {
    echo "course: $1" >&2
    exit 1
}

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for name in python3 python3.13 python3.12 python3.11 python; do
        if is_new_enough "$name"; then
            echo "$name"
            return
        fi
    done
    return 1
}

# A virtual environment holds its own path, so that one in a folder that was moved or copied is made again.
if [ -f $ready ] && [ "$(cat $ready)" != "$here" ]; then
    echo "this folder has moved; making $venv again"
    rm -rf $venv
fi
if [ -x $venv/bin/python ] && ! is_new_enough $venv/bin/python; then
    fail "$venv is of a Python older than 3.11; remove the folder $venv and run this again"
fi

if uv=$(command -v uv); then
    [ -x $venv/bin/python ] || "$uv" venv --quiet --python '>=3.11' $venv
else
    if [ ! -x $venv/bin/python ]; then
        python=$(find_python) || fail "Python 3.11 or newer is needed and $(python3 -V 2>&1 || true) is all there is; install one, or install uv, which finds its own"
        "$python" -m venv $venv || { rm -rf $venv; fail "$python cannot make a virtual environment; on Debian and Ubuntu, install python3-venv"; }
    fi
    uv=$venv/bin/uv
    # What belongs to the project's own uv stays in the project too.
    UV_CACHE_DIR=$here/$venv/.cache
    export UV_CACHE_DIR
    [ -x $uv ] || $venv/bin/python -m pip install --quiet --no-cache-dir --disable-pip-version-check --require-hashes -r requirements-uv.lock
fi

# Compiled now, so that the first start is as quick as the second.
"$uv" pip install --quiet --compile-bytecode --python $venv/bin/python --require-hashes -r requirements.lock
"$uv" pip install --quiet --python $venv/bin/python --no-deps --no-build-isolation --editable .
echo "$here" > $ready
