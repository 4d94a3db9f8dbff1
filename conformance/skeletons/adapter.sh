#!/bin/sh
# An adapter for the rnnspec conformance suite (SPEC.md, section 17.1), for any language: a skeleton to fill in.
#
# It reads one JSON object a line and answers each with one line. Only `start` and `stop` are done; all else is
# answered with `skipped`. Print nothing else on standard output: use `>&2` for your own words.
# A shell is slow, and takes a process for each line: write the same loop in your language as soon as you can.

# features: what you can do so far; begin with "json", "dense".
GREETING='{"name": "my-runtime", "version": "0.0.1", "language": "any", "formats": ["1.0-draft.3"],'
GREETING="$GREETING"' "classes": ["player"], "levels": ["exact"], "features": []}'

while IFS= read -r line; do
    # Lines begin with seq and command; a real reader of JSON does not rely on that.
    seq=$(printf '%s\n' "$line" | sed 's/^{"seq": *\([0-9]*\).*/\1/')
    command=$(printf '%s\n' "$line" | sed 's/^{"seq": *[0-9]*, *"command": *"\([a-z_]*\)".*/\1/')
    case $command in
    start) answer='"result": '$GREETING ;;
    stop) answer='"result": {}' ;;
    # validate) answer=$(printf '%s\n' "$line" | my-runtime validate) ;;
    # run) answer=$(printf '%s\n' "$line" | my-runtime run) ;;
    #
    # The suite asks only for declared features, and a declared feature must not be skipped.
    *) answer='"skipped": {"feature": "'$command'"}' ;;
    esac
    printf '{"seq": %s, %s}\n' "$seq" "$answer"
    if [ "$command" = stop ]; then exit 0; fi
done
