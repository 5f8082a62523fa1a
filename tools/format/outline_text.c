/* SPDX-License-Identifier: MIT */
#include "outline_text.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

bool outline_text_open(struct outline_text *text, const char *path)
{
    *text = (struct outline_text){.file = fopen(path, "re")};
    text->part = open_memstream(&text->text, &text->len);
    if (text->part == NULL)
        err(70, "memory");
    return text->file != NULL;
}

void outline_text_close(struct outline_text *text)
{
    if (text->file != NULL)
        fclose(text->file);
    fclose(text->part);
    free(text->line);
    free(text->text);
    free(text->early);
}

bool outline_text_line(struct outline_text *text)
{
    const ssize_t len = getline(&text->line, &text->line_room, text->file);

    text->line_len = len > 0 ? (size_t)len : 0;
    return len > 0;
}

static bool begins_like(const struct outline_text *text, const char *start)
{
    return strncmp(text->line, start, strlen(start)) == 0;
}

static void add_early(struct outline_text *text, struct early_packet packet)
{
    if (text->earlies == text->early_room) {
        text->early_room = text->early_room == 0 ? 64 : 2 * text->early_room;
        text->early =
            reallocarray(text->early, text->early_room, sizeof *text->early);
        if (text->early == NULL)
            err(70, "memory");
    }
    text->early[text->earlies++] = packet;
}

/*
 * The first packet of the line becomes "#0", "#1", ...: its digits are from
 * *digits to the result. NULL: there is none. What is found is a member of an
 * object even if a text contains the same, since that would be escaped.
 */
static const char *read_packet(struct outline_text *text, const char **digits,
                               struct arena *arena)
{
    static const char before[] = "\"packet\":\"";
    const char *begin = strstr(text->line, before);
    const char *end;
    uint8_t *bytes;
    size_t len;

    if (begin == NULL)
        return NULL;
    begin += strlen(before);
    end = strchr(begin, '"');
    if (end == NULL ||
        hex_decode(arena, begin, (size_t)(end - begin), &bytes, &len) != NULL)
        return NULL;
    add_early(text, (struct early_packet){.bytes = bytes, .len = len});
    *digits = begin;
    return end;
}

static void gather_line(struct outline_text *text, struct arena *arena)
{
    const char *rest = text->line;
    const char *digits;
    const char *end;

    end = arena == NULL ? NULL : read_packet(text, &digits, arena);
    if (end != NULL) {
        fwrite(rest, 1, (size_t)(digits - rest), text->part);
        fprintf(text->part, "#%zu", text->earlies - 1);
        rest = end;
    }
    fwrite(rest, 1, text->line_len - (size_t)(rest - text->line), text->part);
}

bool outline_text_gather(struct outline_text *text, const char *last,
                         struct arena *arena)
{
    rewind(text->part);
    text->earlies = 0;
    do
        gather_line(text, arena);
    while (!begins_like(text, last) && outline_text_line(text));
    return begins_like(text, last);
}

json_t *outline_text_parse(struct outline_text *text, size_t without)
{
    if (fflush(text->part) != 0)
        err(70, "memory");
    return json_loadb(text->text, text->len - without, JSON_REJECT_DUPLICATES,
                      NULL);
}
