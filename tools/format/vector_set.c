/* SPDX-License-Identifier: MIT */
#include "vector_set.h"

#include <errno.h>
#include <fts.h>
#include <string.h>
#include <sys/stat.h>

/* Smaller files are read as a whole, which is faster. */
#define LARGE (8 << 20)

static struct vector_member *add_member(struct vector_set *set,
                                        const char *path)
{
    if (set->count == set->room) {
        size_t room = set->room == 0 ? 16 : 2 * set->room;
        struct vector_member **more =
            arena_alloc(&set->arena, room, sizeof(struct vector_member *));

        for (size_t i = 0; i < set->count; i++)
            more[i] = set->members[i];
        set->members = more;
        set->room = room;
    }
    set->members[set->count] =
        arena_alloc(&set->arena, 1, sizeof(struct vector_member));
    set->members[set->count]->path = arena_printf(&set->arena, "%s", path);
    return set->members[set->count++];
}

static bool is_large(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISREG(status.st_mode) &&
           status.st_size > LARGE;
}

static const char *add_file(struct vector_set *set, const char *path)
{
    struct vector_member *member = add_member(set, path);

    if (set->outlines && is_large(path) &&
        vector_outline_read(&member->file, path))
        return NULL;
    return vector_file_read(&member->file, path);
}

/* A file in a folder is left out if it is JSON of another kind. */
static const char *add_found_file(struct vector_set *set, const char *path)
{
    const char *why = add_file(set, path);

    if (why == NULL || !set->members[set->count - 1]->file.foreign)
        return why;
    vector_file_free(&set->members[--set->count]->file);
    return NULL;
}

static bool ends_in(const char *name, const char *end)
{
    size_t len = strlen(name);

    return len >= strlen(end) && strcmp(name + len - strlen(end), end) == 0;
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

static const char *add_entry(struct vector_set *set, const FTSENT *entry)
{
    switch (entry->fts_info) {
    case FTS_DNR:
    case FTS_ERR:
    case FTS_NS:
        return arena_printf(&set->arena, "%s: %s; give a vector file or folder",
                            entry->fts_path, strerror(entry->fts_errno));
    case FTS_F:
        if (entry->fts_level == 0)
            return add_file(set, entry->fts_path);
        if ((ends_in(entry->fts_name, ".json") &&
             !ends_in(entry->fts_name, ".schema.json")) ||
            ends_in(entry->fts_name, ".json.gz"))
            return add_found_file(set, entry->fts_path);
        return NULL;
    default:
        /* A pipe or a device is read only if the command line names it. */
        if (entry->fts_info == FTS_DEFAULT && entry->fts_level == 0)
            return add_file(set, entry->fts_path);
        return NULL;
    }
}

const char *vector_set_add(struct vector_set *set, const char *path)
{
    char *paths[] = {arena_printf(&set->arena, "%s", path), NULL};
    const char *why = NULL;
    const FTSENT *entry;
    FTS *tree = fts_open(paths, FTS_LOGICAL | FTS_NOCHDIR, by_name);

    if (tree == NULL)
        return arena_printf(&set->arena, "%s: %s", path, strerror(errno));
    while (why == NULL && (entry = fts_read(tree)) != NULL)
        why = add_entry(set, entry);
    fts_close(tree);
    return why;
}

void vector_set_free(struct vector_set *set)
{
    for (size_t i = 0; i < set->count; i++)
        vector_file_free(&set->members[i]->file);
    arena_free(&set->arena);
    *set = (struct vector_set){0};
}
