#!/usr/bin/env bash
# Prints a folder that holds a working @tensorflow/tfjs-node, made in the user's cache when it is not there: the package
# from npm, its native part compiled against the TensorFlow that PyPI ships. The package's own install script would
# download TensorFlow from a server that is not always there. Needs python3 with pip, g++ and Node's headers; a minute.
set -euo pipefail
fail() { echo "tfjs-node: $1" >&2; exit 1; }
version=4.22.0
tensorflow=2.21.0
folder=${XDG_CACHE_HOME:-$HOME/.cache}/equiclip/tfjs-node-$(sha256sum "$0" | cut -c1-12)
if [ ! -d "$folder" ]; then
  headers=$(dirname "$(readlink -f "$(command -v node)")")/../include/node
  [ -f "$headers/node_api.h" ] || fail "no $headers/node_api.h; install Node with its headers"
  for tool in g++ python3; do command -v $tool >/dev/null || fail "no $tool"; done
  mkdir -p "$(dirname "$folder")"
  new=$(mktemp -d "$folder.XXXXXX")
  trap 'rm -rf "$new"' EXIT
  cd "$new"
  echo '{ "private": true }' >package.json
  npm install --silent --no-audit --no-fund --ignore-scripts "@tensorflow/tfjs-node@$version" >&2
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: "tensorflow-cpu==$tensorflow" >&2
  # the libraries and the headers of the C interface, of 2 GB
  python3 - <<'PYTHON'
import glob, zipfile
wanted = ("tensorflow/libtensorflow_", "tensorflow/include/tensorflow/c/", "tensorflow/include/tensorflow/core/platform/", "tensorflow/include/xla/tsl/", "tensorflow/include/tsl/")
with zipfile.ZipFile(glob.glob("*.whl")[0]) as wheel:
    wheel.extractall(members=[name for name in wheel.namelist() if name.startswith(wanted)])
PYTHON
  rm ./*.whl
  addon=node_modules/@tensorflow/tfjs-node
  mkdir -p $addon/lib/napi-v8
  g++ -O2 -fPIC -shared -std=c++17 -DNAPI_VERSION=8 -DBUILDING_NODE_EXTENSION -I"$headers" -I$addon -Itensorflow/include \
    $addon/binding/tfjs_backend.cc $addon/binding/tfjs_binding.cc -o $addon/lib/napi-v8/tfjs_binding.node \
    -Ltensorflow -l:libtensorflow_cc.so.2 -l:libtensorflow_framework.so.2 "-Wl,-rpath,\$ORIGIN/../../../../../tensorflow" >&2
  rm -rf tensorflow/include
  node -e 'require("@tensorflow/tfjs-node").ones([1]).dataSync()' 2>/dev/null || fail "the addon does not load"
  # another process may have been faster
  mv -T "$new" "$folder" 2>/dev/null || [ -d "$folder" ]
fi
echo "$folder"
