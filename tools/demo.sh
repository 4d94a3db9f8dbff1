#!/usr/bin/env bash
# make demo: one trained net, three languages, two encodings, the same text and the same fingerprint.
set -euo pipefail
cd "$(dirname "$0")/.."

model=examples/austen/austen.rnn
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

echo "--- the file"
.venv/bin/rnnspec validate "$model"
.venv/bin/rnnspec info "$model"
.venv/bin/rnnspec selftest "$model"
.venv/bin/rnnspec convert "$model" "$work/austen.rnn.json"

write() { # LANGUAGE COMMAND…: runs the command on both encodings, and shows what it printed for one of them
  local language=$1 encoding
  shift
  for encoding in "$model" "$work/austen.rnn.json"; do
    "$@" "$encoding" 2000 1813 "It is a truth universally acknowledged" > "$work/$language-${encoding##*.}"
  done
  printf '\n--- %s\n' "$language"
  fold -s -w 100 "$work/$language-rnn"
}

write Python .venv/bin/python examples/austen/generate.py
write JavaScript node examples/austen/generate.mjs
write Java java -cp java/target/classes examples/austen/Generate.java

echo
digests=$(cd "$work" && sha256sum -- *-rnn *-json)
printf '%s\n' "$digests"
if [ "$(cut -d' ' -f1 <<< "$digests" | sort -u | wc -l)" != 1 ]; then
  echo "make demo: the outputs differ. That must never happen: please report it with the lines above." >&2
  exit 1
fi
echo "Six runs (three languages, msgpack and JSON): one text of 2,000 characters, one fingerprint."
