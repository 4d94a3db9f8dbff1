/* The members of a request (17.1). One that is wrong is the asker's fault, not the model's. */
#include "player.h"

const Value *need(Work *work, const Value *request, const char *key)
{
    const Value *value = find(request, key);
    if (value == NULL)
        complain(work, "a member of the request is missing");
    return value;
}

const Value *may(Work *work, const Value *request, const char *key, Type type)
{
    const Value *value = find(request, key);
    if (value != NULL && value->type != type)
        complain(work, "a member of the request has the wrong type");
    return value;
}

String need_string(Work *work, const Value *request, const char *key)
{
    need(work, request, key);
    return may(work, request, key, STRING)->string;
}

String need_document(Work *work, const Value *request)
{
    String bytes = {NULL, 0};
    if (!base64_read(work, need_string(work, request, "document"), &bytes))
        complain(work, "a document that is not base64");
    return bytes;
}

Options need_options(Work *work, const Value *request)
{
    static const struct {
        const char *name;
        size_t place;
    } NAMES[] = {
        {"size", offsetof(Limits, size)},       {"depth", offsetof(Limits, depth)},     {"string", offsetof(Limits, string)},
        {"number", offsetof(Limits, number)},   {"members", offsetof(Limits, members)}, {"values", offsetof(Limits, values)},
        {"layers", offsetof(Limits, layers)},   {"elements", offsetof(Limits, elements)},
    };
    Options options = DEFAULTS;
    const Value *given = may(work, request, "limits", OBJECT), *try_anyway = may(work, request, "try_anyway", BOOLEAN);
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        const Value *limit = may(work, given, NAMES[i].name, NUMBER);
        if (limit == NULL)
            continue;
        if (!(limit->number >= 0 && limit->number <= 0x1p31))
            complain(work, "a limit that is none");
        if (NAMES[i].place == offsetof(Limits, depth) && limit->number > 1000)
            complain(work, "a depth beyond this program's stack");
        *(size_t *)((char *)&options.limits + NAMES[i].place) = (size_t)limit->number;
    }
    options.try_anyway = try_anyway != NULL && try_anyway->number != 0;
    return options;
}
