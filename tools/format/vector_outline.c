/* SPDX-License-Identifier: MIT */
/*
 * Reading a large vector file one vector at a time. In the canonical form a
 * vector begins and ends with a line of two blanks and a bracket. A file in
 * another form, or with a mistake, is left to vector_file_read().
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "outline_text.h"
#include "vector_private.h"

/* The end of a document whose vectors are left out. */
static const char no_vectors[] = "]}";

/* The last line of a vector, and of one with another behind it. */
static const char end[] = "  }\n";
static const char between[] = "  },\n";

/* Reads all that is before the first vector. *notes stays the caller's. */
static bool read_head(struct outline_text *text, struct vector_file *file,
                      json_t **notes)
{
    struct decode decode = {.arena = &file->arena, .slices = true};
    struct node at = {.in = &decode};
    bool good;

    if (!outline_text_line(text) ||
        !outline_text_gather(text, " \"vectors\": [\n", NULL))
        return false;
    fputs(no_vectors, text->part);
    at.json = outline_text_parse(text, 0);
    good = at.json != NULL && vector_file_decode(&at, file);
    *notes = json_incref(json_object_get(at.json, "notes"));
    json_decref(at.json);
    return good;
}

/*
 * Reads the vector that begins with the last line, into `arena`. A field
 * "x-..." could hold one of the packets that are read early, so a vector that
 * has such a field is left to others.
 */
static bool read_vector(struct outline_text *text, struct arena *arena,
                        struct vector *vector)
{
    struct decode decode = {.arena = arena, .slices = true};
    struct node at = {.in = &decode};
    bool good;

    if (strcmp(text->line, "  {\n") != 0 ||
        !outline_text_gather(text, "  }", arena) ||
        (strcmp(text->line, end) != 0 && strcmp(text->line, between) != 0))
        return false;
    decode.early = text->early;
    decode.earlies = text->earlies;
    at.json = outline_text_parse(text, text->line_len - strlen("  }"));
    good = at.json != NULL && vector_decode(&at, vector) &&
           vector->extras.count == 0;
    json_decref(at.json);
    return good;
}

static bool same_strings(const struct strings *a, const struct strings *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (strcmp(a->at[i], b->at[i]) != 0)
            return false;
    return true;
}

static struct strings copy_strings(const struct strings *strings,
                                   struct arena *arena)
{
    const char **at = arena_alloc(arena, strings->count, sizeof *at);

    for (size_t i = 0; i < strings->count; i++)
        at[i] = arena_printf(arena, "%s", strings->at[i]);
    return (struct strings){.at = at, .count = strings->count};
}

static bool same_profiles(const struct vector *a, const struct vector *b)
{
    if (a->expects != b->expects)
        return false;
    for (size_t i = 0; i < a->expects; i++)
        if (strcmp(a->expect[i].profile, b->expect[i].profile) != 0)
            return false;
    return true;
}

static const struct vector_expect *copy_profiles(const struct vector *vector,
                                                 struct arena *arena)
{
    struct vector_expect *expect =
        arena_alloc(arena, vector->expects, sizeof *expect);

    for (size_t i = 0; i < vector->expects; i++)
        expect[i].profile =
            arena_printf(arena, "%s", vector->expect[i].profile);
    return expect;
}

/* What many vectors share: that of the vector before, or else a copy. */
static const struct vector *keep_like(const struct vector *vector,
                                      const struct vector *before,
                                      struct arena *arena)
{
    struct vector *like;

    if (before != NULL && vector->run.op == before->run.op &&
        same_strings(&vector->flags, &before->flags) &&
        same_profiles(vector, before))
        return before;
    like = arena_alloc(arena, 1, sizeof *like);
    like->title = "";
    like->flags = copy_strings(&vector->flags, arena);
    like->run.op = vector->run.op;
    like->expect = copy_profiles(vector, arena);
    like->expects = vector->expects;
    return like;
}

/* Appends the outline of a vector to the file. */
static void add(struct vector_file *file, size_t *room,
                const struct vector *vector, off_t place)
{
    const size_t count = file->vector_count;
    const struct vector *before = NULL;

    if (count == *room) {
        *room = *room == 0 ? 1024 : 2 * *room;
        file->outlines =
            reallocarray(file->outlines, *room, sizeof *file->outlines);
        if (file->outlines == NULL)
            err(70, "memory");
    }
    if (count > 0)
        before = file->outlines[count - 1].like;
    file->outlines[count] = (struct vector_outline){
        .id = arena_printf(&file->arena, "%s", vector->id),
        .like = keep_like(vector, before, &file->arena),
        .place = place,
    };
    file->vector_count++;
}

static bool next_is(struct outline_text *text, const char *line)
{
    return outline_text_line(text) && strcmp(text->line, line) == 0;
}

/* Reads all vectors, and what is behind them. */
static bool read_vectors(struct outline_text *text, struct vector_file *file,
                         const json_t *notes)
{
    struct arena scratch = {0}; /* holds one vector */
    struct vector vector;
    size_t room = 0;
    off_t place;
    bool good;

    do {
        arena_reset(&scratch);
        place = ftello(text->file);
        vector = (struct vector){0};
        good = outline_text_line(text) &&
               read_vector(text, &scratch, &vector) &&
               vector_unnoted_flag(&vector, notes) == NULL;
        if (good)
            add(file, &room, &vector, place);
    } while (good && strcmp(text->line, between) == 0);
    arena_free(&scratch);
    return good && next_is(text, " ]\n") && next_is(text, "}\n") &&
           !outline_text_line(text);
}

/* For qsort(). */
static int by_id(const void *a, const void *b)
{
    const char *const *one = a;
    const char *const *other = b;

    return strcmp(*one, *other);
}

/* Whether no two vectors have the same id. */
static bool ids_differ(const struct vector_file *file)
{
    const char **ids = reallocarray(NULL, file->vector_count, sizeof *ids);
    bool differ = true;

    if (ids == NULL)
        err(70, "memory");
    for (size_t i = 0; i < file->vector_count; i++)
        ids[i] = file->outlines[i].id;
    qsort(ids, file->vector_count, sizeof *ids, by_id);
    for (size_t i = 1; i < file->vector_count; i++)
        differ &= strcmp(ids[i - 1], ids[i]) != 0;
    free(ids);
    return differ;
}

bool vector_outline_read(struct vector_file *file, const char *path)
{
    struct outline_text text;
    json_t *notes = NULL;
    bool good;

    good = outline_text_open(&text, path) && read_head(&text, file, &notes) &&
           read_vectors(&text, file, notes) && ids_differ(file);
    outline_text_close(&text);
    json_decref(notes);
    if (!good)
        vector_file_free(file);
    return good;
}

struct vector vector_at(const struct vector_file *file, size_t i)
{
    struct vector vector;

    if (file->outlines == NULL)
        return file->vectors[i];
    vector = *file->outlines[i].like;
    vector.id = file->outlines[i].id;
    vector.place = file->outlines[i].place;
    return vector;
}

bool vector_outline_load(const char *path, const struct vector *of,
                         struct arena *arena, struct vector *vector)
{
    struct outline_text text;
    bool good;

    *vector = (struct vector){0};
    good = outline_text_open(&text, path) &&
           fseeko(text.file, of->place, SEEK_SET) == 0 &&
           outline_text_line(&text) && read_vector(&text, arena, vector) &&
           strcmp(vector->id, of->id) == 0 && vector->expects == of->expects;
    outline_text_close(&text);
    return good;
}
