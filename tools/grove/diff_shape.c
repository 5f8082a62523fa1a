/* SPDX-License-Identifier: MIT */
#include "diff_shape.h"

#include <inttypes.h>
#include <string.h>

/* The end of the number at `text`, as 12 or 0x1f; `text` if none is there. */
static const char *after_number(const char *text)
{
    if (strncmp(text, "0x", 2) == 0)
        return text + 2 + strspn(text + 2, "0123456789abcdef");
    return text + strspn(text, "0123456789");
}

struct diff_shape diff_shape(const char *why, const char *rule)
{
    struct diff_shape shape;
    size_t used = (size_t)snprintf(shape.text, SHAPE_LEN,
                                   "%s: ", rule != NULL ? rule : "no rule");

    while (*why != '\0' && *why != '\n' && used < SHAPE_LEN - 1) {
        const char *end = after_number(why);

        shape.text[used++] = *why;
        if (end != why)
            shape.text[used - 1] = 'N';
        why = end != why ? end : why + 1;
    }
    shape.text[used] = '\0';
    return shape;
}

uint64_t diff_shapes_count(struct diff_shapes *shapes,
                           const struct diff_shape *shape)
{
    size_t i = 0;

    while (i < shapes->count && strcmp(shapes->shape[i].text, shape->text) != 0)
        i++;
    if (i == MAX_SHAPES)
        i--;
    else if (i == shapes->count)
        shapes->shape[shapes->count++] = *shape;
    return shapes->differences[i]++;
}

void diff_shapes_print(const struct diff_shapes *shapes, FILE *stream)
{
    for (size_t i = 0; i < shapes->count; i++)
        fprintf(stream, "%12" PRIu64 "  %s\n", shapes->differences[i],
                shapes->shape[i].text);
}
