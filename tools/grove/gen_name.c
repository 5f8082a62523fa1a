/* SPDX-License-Identifier: MIT */
#include "gen_name.h"

#include <ctype.h>
#include <string.h>

#include "node.h"

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

/* The character of an id for one of a name; '-' for all that has none. */
static char id_character(char from)
{
    const unsigned char byte = (unsigned char)from;

    if (byte < 128 && isalnum(byte))
        return (char)tolower(byte);
    if (from == '_' || from == '.')
        return from;
    return '-';
}

const char *gen_stem(const char *path, struct arena *arena)
{
    const char *base = base_name(path);
    const char *dot = strrchr(base, '.');
    size_t left =
        dot != NULL && dot != base ? (size_t)(dot - base) : strlen(base);
    char *stem = arena_alloc(arena, GEN_STEM_MAX + 1, 1);
    size_t len = 0;

    for (; left > 0 && len < GEN_STEM_MAX; left--, base++) {
        const char next = id_character(*base);

        if (next != '-' || (len > 0 && stem[len - 1] != '-'))
            stem[len++] = next;
    }
    while (len > 0 && stem[len - 1] == '-')
        len--;
    stem[len] = '\0';
    return len > 0 ? stem : "capture";
}

static bool is_taken(const char *const *stems, size_t count, const char *stem)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(stems[i], stem) == 0)
            return true;
    return false;
}

const char *const *gen_stems(char *const *paths, size_t count,
                             struct arena *arena)
{
    const char **stems = arena_alloc(arena, count, sizeof *stems);

    for (size_t i = 0; i < count; i++) {
        const char *stem = gen_stem(paths[i], arena);

        stems[i] = stem;
        for (size_t number = 2; is_taken(stems, i, stems[i]); number++)
            stems[i] = arena_printf(arena, "%s-%zu", stem, number);
    }
    return stems;
}

const char *gen_label(const char *path, struct arena *arena)
{
    char *label = arena_printf(arena, "%s", base_name(path));
    json_t *json;

    make_printable(label);
    json = json_string(label);
    if (json == NULL)
        for (char *at = label; *at != '\0'; at++)
            if ((unsigned char)*at > 127)
                *at = '?';
    json_decref(json);
    return label;
}
