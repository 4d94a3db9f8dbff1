/* Ids to text while they arrive ([vocabulary-3], [vocabulary-5]). */
#include "player.h"

static void put_replacement(Buffer *text)
{
    put(text, "\xEF\xBF\xBD"); /* U+FFFD */
}

static void stream_byte(Stream *stream, unsigned char byte, Buffer *text)
{
    Utf8 *utf8 = &stream->utf8;
    Progress progress = utf8_add(utf8, byte);
    if (progress == BROKEN) { /* what is held is a maximal subpart, and the byte may start anew */
        put_replacement(text);
        bool held = utf8->count != 0;
        utf8->count = 0;
        if (held)
            stream_byte(stream, byte, text);
    } else if (progress == WHOLE) {
        put_bytes(text, (String){(const char *)utf8->held, utf8->count});
        utf8->count = 0;
    }
}

/* Tokens of the other units are well-formed; bytes are held back until they are a scalar value or can't become one. */
void stream_token(Stream *stream, size_t id, Buffer *text)
{
    String token = token_text(stream->vocabulary, id);
    if (token.count == 0)
        return;
    if (stream->any)
        put_bytes(text, stream->vocabulary->separator);
    stream->any = true;
    if (stream->vocabulary->unit == BYTE)
        stream_byte(stream, (unsigned char)*token.bytes, text);
    else
        put_bytes(text, token);
}

void stream_end(Stream *stream, Buffer *text)
{
    if (stream->utf8.count != 0)
        put_replacement(text);
    stream->utf8.count = 0;
}
