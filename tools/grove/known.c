/* SPDX-License-Identifier: MIT */
#include "known.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node.h"

/* Removes blanks and the comment from a line. */
static char *strip(char *line)
{
    size_t len = strcspn(line, "#");

    while (len > 0 && isspace((unsigned char)line[len - 1]))
        len--;
    line[len] = '\0';
    return line + strspn(line, " \t");
}

static void add_entry(struct known_failures *known, const char *id, size_t line)
{
    if (known->count == known->room) {
        size_t room = known->room == 0 ? 16 : 2 * known->room;
        struct known_failure *more =
            arena_alloc(&known->arena, room, sizeof *more);

        for (size_t i = 0; i < known->count; i++)
            more[i] = known->at[i];
        known->at = more;
        known->room = room;
    }
    known->at[known->count++] = (struct known_failure){
        .id = arena_printf(&known->arena, "%s", id), .line = line};
}

static bool read_lines(struct known_failures *known, FILE *file)
{
    char *line = NULL;
    size_t room = 0;
    bool whole;

    for (size_t i = 1; getline(&line, &room, file) >= 0; i++) {
        const char *id = strip(line);

        if (*id != '\0')
            add_entry(known, id, i);
    }
    whole = !ferror(file);
    free(line);
    return whole;
}

static int by_id(const void *a, const void *b)
{
    const struct known_failure *first = a;
    const struct known_failure *second = b;
    int order = strcmp(first->id, second->id);

    if (order != 0)
        return order;
    return (first->line > second->line) - (first->line < second->line);
}

/* Makes a message about an entry. */
static const char *complain_of(struct known_failures *known,
                               const struct known_failure *entry,
                               const char *what)
{
    char *id = arena_printf(&known->arena, "%s", entry->id);

    make_printable(id);
    return arena_printf(&known->arena, "%s:%zu: \"%s\" %s", known->path,
                        entry->line, id, what);
}

const char *known_failures_read(struct known_failures *known, const char *path)
{
    FILE *file = fopen(path, "r");
    bool whole = file != NULL && read_lines(known, file);
    int error = errno;

    known->path = path;
    if (file != NULL)
        fclose(file);
    if (!whole)
        return arena_printf(&known->arena,
                            "%s: %s; give a file with a vector's id a line",
                            path, strerror(error));
    if (known->count > 0)
        qsort(known->at, known->count, sizeof *known->at, by_id);
    for (size_t i = 1; i < known->count; i++) {
        if (strcmp(known->at[i - 1].id, known->at[i].id) == 0)
            return complain_of(known, &known->at[i],
                               "is listed twice; remove a line");
    }
    return NULL;
}

static int id_order(const void *id, const void *entry)
{
    return strcmp(id, ((const struct known_failure *)entry)->id);
}

struct known_failure *known_failure(const struct known_failures *known,
                                    const char *id)
{
    if (known->count == 0)
        return NULL;
    return bsearch(id, known->at, known->count, sizeof *known->at, id_order);
}

static void note_ids(struct known_failures *known,
                     const struct vector_file *file)
{
    for (size_t i = 0; i < file->vector_count; i++) {
        struct known_failure *entry =
            known_failure(known, vector_at(file, i).id);

        if (entry != NULL)
            entry->exists = true;
    }
}

const char *known_failures_resolve(struct known_failures *known,
                                   const struct vector_set *set)
{
    const struct known_failure *first = NULL;

    for (size_t i = 0; i < set->count; i++)
        note_ids(known, &set->members[i]->file);
    for (size_t i = 0; i < known->count; i++) {
        const struct known_failure *entry = &known->at[i];

        if (!entry->exists && (first == NULL || entry->line < first->line))
            first = entry;
    }
    if (first == NULL)
        return NULL;
    return complain_of(
        known, first,
        "is not a vector in what is checked; remove the line, or "
        "name the vector's file, too");
}

void known_failures_free(struct known_failures *known)
{
    arena_free(&known->arena);
    *known = (struct known_failures){0};
}
