/* The protocol loop (section 17.1): a request a line, an answer a line. */
#include "player.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Lines have no limits but those that keep the reader safe. */
static const Limits LINE_LIMITS = {
    .depth = 32, .string = SIZE_MAX, .number = 100, .members = 4096, .values = SIZE_MAX,
};

/* A line has at most 64 MiB; a little of it goes to what stands around the result. */
enum { ANSWER_MOST = (64 << 20) - 64 };

typedef struct {
    Work work;
    String line;
    Value request;
    Buffer answer;
    double seq;
    bool is_read, stops;
} Message;

/* False at the end of the input, and where memory ends. */
static bool read_line(char **line, size_t *count)
{
    size_t room = 0;
    *line = NULL;
    *count = 0;
    for (int c = getchar(); c != EOF; c = getchar()) {
        if (*count == room) {
            room = room == 0 ? 4096 : room * 2;
            char *more = realloc(*line, room);
            if (more == NULL)
                return false;
            *line = more;
        }
        if (c == '\n')
            return true;
        (*line)[(*count)++] = (char)c;
    }
    return *count != 0;
}

static void work_on(Message *message)
{
    Work *work = &message->work;
    if (utf8_length(message->line.bytes, message->line.count) != message->line.count)
        complain(work, "not UTF-8");
    message->request = json_read(work, message->line, &LINE_LIMITS, PLAIN);
    const Value *request = &message->request, *seq = find(request, "seq");
    if (seq == NULL || seq->type != NUMBER || floor(seq->number) != seq->number)
        complain(work, "no seq");
    message->is_read = true;
    message->seq = seq->number;
    message->stops = word_is(request, "command", "stop");
    message->answer.work = work;
    command(&message->answer, request);
    if (message->answer.count > ANSWER_MOST)
        complain(work, "an answer beyond a line of the protocol");
}

/* A fault anywhere below comes back here. */
static bool attempt(Message *message)
{
    if (setjmp(message->work.out) != 0)
        return false;
    work_on(message);
    return true;
}

static void write_answer(Message *message, bool done)
{
    printf("{\"seq\":%.0f,", message->seq);
    if (!done && !message->is_read) { /* the codes of section 16 speak of documents, not of lines */
        printf("\"error\":{\"message\":\"not a request of the protocol\"}}\n");
    } else if (!done && message->work.code != NULL) {
        printf("\"error\":{\"code\":\"%s\"}}\n", message->work.code);
    } else if (!done && message->work.feature != NULL) {
        printf("\"skipped\":{\"feature\":\"%s\"}}\n", message->work.feature);
    } else if (!done) {
        printf("\"error\":{\"message\":\"%s\"}}\n", message->work.message);
    } else {
        fputs("\"result\":", stdout);
        fwrite(message->answer.bytes, 1, message->answer.count, stdout);
        fputs("}\n", stdout);
    }
    fflush(stdout);
}

int main(void)
{
    bool stops = false;
    char *line;
    size_t count;
    while (!stops && read_line(&line, &count)) {
        Message message = {.line = {line, count}};
        bool done = attempt(&message);
        write_answer(&message, done);
        stops = message.stops;
        release(&message.work);
        free(line);
    }
    return 0;
}
