/* An adapter for the rnnspec conformance suite (SPEC.md, section 17.1): a skeleton to fill in.
 *
 * It reads one JSON object a line and answers each with one line. Only `start` and `stop` are done; all else is
 * answered with `skipped`. Print nothing else on standard output: stderr is for your own words.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char GREETING[] =
    "{\"name\": \"my-runtime\", \"version\": \"0.0.1\", \"language\": \"C\","
    " \"formats\": [\"1.0-draft.3\"], \"classes\": [\"player\"], \"levels\": [\"exact\"],"
    " \"features\": []}"; /* what you can do so far: begin with json and dense */

/* A member of a JSON object as it is written, such as 7 or "start"; NULL if there is none. It is enough to begin
 * with: your runtime will need a real reader of JSON, and then this one can go. */
static const char *member(const char *object, const char *name, size_t *length) {
    int depth = 0;
    const char *start = NULL; /* of the value that is looked for */
    for (const char *c = object; *c; c++) {
        if (*c == '"') {
            const char *end = c + 1;
            while (*end && *end != '"') end += *end == '\\' && end[1] ? 2 : 1;
            if (!*end) return NULL;
            const char *colon = end + 1;
            while (*colon == ' ') colon++;
            size_t size = (size_t)(end - c - 1);
            if (depth == 1 && *colon == ':' && size == strlen(name) && !memcmp(c + 1, name, size)) {
                start = colon + 1;
                while (*start == ' ') start++;
            }
            c = end;
        } else if (*c == '{' || *c == '[') {
            depth++;
        } else if (*c == '}' || *c == ']' || *c == ',') {
            if (start && depth == 1) {
                *length = (size_t)(c - start);
                return start;
            }
            if (*c != ',') depth--;
        }
    }
    return NULL;
}

/* A whole line of any length, without its newline; NULL at the end of the input. */
static char *read_line(void) {
    size_t size = 0, room = 4096;
    char *line = malloc(room);
    int c;
    while (line && (c = getchar()) != EOF && c != '\n') {
        line[size++] = (char)c;
        if (size == room) line = realloc(line, room *= 2); /* the old one is lost only when we end */
    }
    if (!line) {
        fputs("out of memory\n", stderr);
        exit(1);
    }
    if (size == 0 && feof(stdin)) {
        free(line);
        return NULL;
    }
    line[size] = 0;
    return line;
}

static int is(const char *text, size_t length, const char *word) {
    return length == strlen(word) && !memcmp(text, word, length);
}

int main(void) {
    char *line;
    int stopped = 0;
    while (!stopped && (line = read_line()) != NULL) {
        size_t seq_length, length;
        const char *seq = member(line, "seq", &seq_length);
        const char *command = member(line, "command", &length);
        if (!seq || !command) {
            fputs("a line without seq or command\n", stderr);
            free(line);
            return 1;
        }
        printf("{\"seq\": %.*s, ", (int)seq_length, seq);
        if (is(command, length, "\"start\"")) {
            printf("\"result\": %s", GREETING);
        } else if (is(command, length, "\"stop\"")) {
            printf("\"result\": {}");
            stopped = 1;
            /* } else if (is(command, length, "\"validate\"")) {
             *     the member "document" is base64; print the findings of your reader.
             *     A player answers an error, or {"findings": []}.
             * } else if (is(command, length, "\"run\"")) {
             *     "chunks" -> "result": {"chunks": [{"output": ..., "state": ...}]} */
        } else {
            /* The suite asks only for declared features, and a declared feature must not be skipped. */
            printf("\"skipped\": {\"feature\": %.*s}", (int)length, command);
        }
        printf("}\n");
        fflush(stdout); /* or the suite waits for ever */
        free(line);
    }
    return 0;
}
