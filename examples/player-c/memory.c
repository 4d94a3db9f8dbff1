/* An arena: nothing is freed alone, all is freed when the message is answered. So a fault can leave from anywhere. */
#include "player.h"

#include <stdlib.h>
#include <string.h>

enum { ORDINARY = 1 << 16 };

struct Block {
    Block *next;
    size_t used, room;
    max_align_t bytes[];
};

void *take(Work *work, size_t count, size_t size)
{
    if (size != 0 && count > (SIZE_MAX - ORDINARY) / size)
        complain(work, "out of memory");
    size_t unit = sizeof(max_align_t);
    size_t need = (count * size + unit - 1) / unit * unit;
    Block *block = work->blocks;
    if (block == NULL || block->room - block->used < need) {
        size_t room = need > ORDINARY ? need : ORDINARY;
        block = calloc(1, sizeof *block + room);
        if (block == NULL)
            complain(work, "out of memory");
        block->room = room;
        if (need > ORDINARY && work->blocks != NULL) {
            /* A large piece is a block of its own, behind the current one, which still has room. */
            block->next = work->blocks->next;
            work->blocks->next = block;
        } else {
            block->next = work->blocks;
            work->blocks = block;
        }
    }
    void *piece = (char *)block->bytes + block->used;
    block->used += need;
    return piece;
}

/* Room for one more element; twice as much each time, so that reading stays linear. */
void *grow(Work *work, void *old, size_t used, size_t *room, size_t size)
{
    if (used < *room)
        return old;
    if (*room > SIZE_MAX / 2)
        complain(work, "out of memory");
    size_t more = *room == 0 ? 4 : *room * 2;
    void *piece = take(work, more, size);
    if (used != 0)
        memcpy(piece, old, used * size);
    *room = more;
    return piece;
}

void release(Work *work)
{
    while (work->blocks != NULL) {
        Block *next = work->blocks->next;
        free(work->blocks);
        work->blocks = next;
    }
}

_Noreturn void refuse(Work *work, const char *code)
{
    work->code = code;
    longjmp(work->out, 1);
}

_Noreturn void complain(Work *work, const char *message)
{
    work->message = message;
    longjmp(work->out, 1);
}

/* Of requests alone: what a file has too much is refused like any other word that no table gives. */
_Noreturn void lack(Work *work, const char *feature)
{
    work->feature = feature;
    longjmp(work->out, 1);
}
