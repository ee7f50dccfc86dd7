#!/bin/sh
# install.sh LAYER [REQUIREMENT...]: installs wheels into /opt/kontor, and lays what that adds into the directory LAYER.
# All files have one time and bytecode that refers to none, so that the same wheels make the same bytes.
set -eu
layer=$1
shift
time=315532800 # the first second of 1980, before which a zip file knows none
if [ $# != 0 ]; then
  pip --python /opt/kontor/bin/python install -q --no-index --find-links /build/wheels --no-compile "$@"
fi
cd /
added() { find opt/kontor -newermt "@$time" "$@" | LC_ALL=C sort; }
added -name '*.py' -path '*/site-packages/*' | opt/kontor/bin/python -m compileall -q --invalidation-mode unchecked-hash -i -
mkdir -p "$layer"
added ! -type d | tar -c --no-recursion -T - | tar -x -C "$layer"
find opt/kontor "$layer" -exec touch -h -d "@$time" {} +
