/* The stage bytes (section 2): which encoding is it, if any? */
#include "player.h"

#include <string.h>

static bool starts_with(String bytes, const char *magic, size_t count)
{
    return bytes.count >= count && memcmp(bytes.bytes, magic, count) == 0;
}

static bool is_foreign(String bytes)
{
    static const struct {
        const char *magic;
        size_t count;
    } FOREIGN[] = {
        {"PK\x03\x04", 4}, {"\x1F\x8B", 2},         {"\x89PNG", 4}, {"\x89HDF", 4},
        {"\x80\x02", 2},   {"\x80\x03", 2},         {"\x80\x04", 2}, {"\x80\x05", 2},
        {"\x93NUMPY", 6},  {"Lua", 3},              {"\xFF\xD8\xFF", 3}, {"%PDF", 4},
        {"version https://git-lfs", 23},
    };
    for (size_t i = 0; i < sizeof FOREIGN / sizeof *FOREIGN; i++)
        if (starts_with(bytes, FOREIGN[i].magic, FOREIGN[i].count))
            return true;
    return false;
}

Value document_read(Work *work, String bytes, const Limits *limits)
{
    if (bytes.count == 0)
        refuse(work, "BYTES_EMPTY");
    if (bytes.count > limits->size)
        refuse(work, "LIMIT_SIZE");
    size_t skipped = 0;
    while (skipped < bytes.count && memchr("\t\n\r ", bytes.bytes[skipped], 4) != NULL)
        skipped++;
    unsigned first = skipped < bytes.count ? (unsigned char)bytes.bytes[skipped] : 0;
    if (is_foreign(bytes) || first == '<')
        refuse(work, "BYTES_FOREIGN");
    if (starts_with(bytes, "\xEF\xBB\xBF", 3))
        refuse(work, "BYTES_BOM");
    if (first == '{') {
        if (utf8_length(bytes.bytes, bytes.count) != bytes.count)
            refuse(work, "BYTES_UTF8");
        return json_read(work, bytes, limits, TOP);
    }
    if (skipped == 0 && ((first >= 0x80 && first <= 0x8F) || first == 0xDE || first == 0xDF))
        return msgpack_read(work, bytes, limits);
    refuse(work, "BYTES_UNRECOGNISED");
}
