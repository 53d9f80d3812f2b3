# Print the path of the newest CPython of a minor version: `sh tools/find_python.sh 3.12`. Exit code 1 without one.
# A command on PATH may be a shim of pyenv for a version that is not selected, so it has to run to count.
set -eu
for candidate in "python$1" $(ls -d "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$1".*/bin/python 2>/dev/null | sort -Vr); do
    if version=$("$candidate" -c 'import sys; print(sys.executable)' 2>/dev/null); then
        echo "$version"
        exit 0
    fi
done
exit 1
