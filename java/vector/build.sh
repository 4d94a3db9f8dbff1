#!/usr/bin/env bash
# Builds rnnspec-vector.jar, against the main jar beside it: java/vector/build.sh java/target/rnnspec-vector.jar
#
# Apart from Maven's build of the main jar, for two reasons: the main jar must never need jdk.incubator.vector, and
# javac warns of "using incubating module(s)" with no option against it, so -Werror can't be given. Every other
# warning still fails the build, here.
set -euo pipefail

jar=$1
target=$(dirname "$jar")
source=$(dirname "$0")/src/main
classes=$target/vector

rm -rf "$classes"
mkdir -p "$classes"
log=$(javac --release 17 -Xlint:all -g:source,lines --add-modules jdk.incubator.vector \
  --module-path "$target/classes" -d "$classes" $(find "$source/java" -name '*.java') 2>&1) || {
  echo "$log" >&2
  exit 1
}
if grep 'warning: \[' <<<"$log" >&2; then
  exit 1
fi
cp -R "$source/resources/." "$classes"
jar --create --file "$jar" --date 2026-01-01T00:00:00Z -C "$classes" .
