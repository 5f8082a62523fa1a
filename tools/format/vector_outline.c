/* SPDX-License-Identifier: MIT */
/*
 * Reading a large vector file one vector at a time. In the canonical form a
 * vector begins and ends with a line of two blanks and a bracket. A file in
 * another form, or with a mistake, is left to vector_file_read().
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "vector_private.h"

/* Smaller files are read as a whole, which is faster. */
#define LARGE (8 << 20)

/* The end of a document whose vectors are left out. */
static const char no_vectors[] = "]}";

/* A file that is being read, and the lines that were gathered last. */
struct outline {
    FILE *stream;
    char *line;
    size_t room;
    FILE *gathered;
    char *text;
    size_t len;
    struct arena scratch; /* holds one vector */
};

static bool open_outline(struct outline *outline, const char *path)
{
    *outline = (struct outline){.stream = fopen(path, "re")};
    outline->gathered = open_memstream(&outline->text, &outline->len);
    if (outline->gathered == NULL)
        err(70, "memory");
    return outline->stream != NULL;
}

static void close_outline(struct outline *outline)
{
    if (outline->stream != NULL)
        fclose(outline->stream);
    fclose(outline->gathered);
    free(outline->line);
    free(outline->text);
    arena_free(&outline->scratch);
}

static bool read_line(struct outline *outline)
{
    return getline(&outline->line, &outline->room, outline->stream) > 0;
}

/* Gathers this line and those up to one that begins like `last`. */
static bool gather_to(struct outline *outline, const char *last)
{
    rewind(outline->gathered);
    do
        fputs(outline->line, outline->gathered);
    while (strncmp(outline->line, last, strlen(last)) != 0 &&
           read_line(outline));
    return strncmp(outline->line, last, strlen(last)) == 0;
}

/* The document that was gathered, without its last bytes; NULL: it is none. */
static json_t *parse(struct outline *outline, size_t without)
{
    if (fflush(outline->gathered) != 0)
        err(70, "memory");
    return json_loadb(outline->text, outline->len - without,
                      JSON_REJECT_DUPLICATES, NULL);
}

/* Reads all that is before the first vector. *notes stays the caller's. */
static bool read_head(struct outline *outline, struct vector_file *file,
                      json_t **notes)
{
    struct decode decode = {.arena = &file->arena, .slices = true};
    struct node at = {.in = &decode};
    bool good;

    if (!read_line(outline) || !gather_to(outline, " \"vectors\": [\n"))
        return false;
    fputs(no_vectors, outline->gathered);
    at.json = parse(outline, 0);
    good = at.json != NULL && vector_file_decode(&at, file);
    *notes = json_incref(json_object_get(at.json, "notes"));
    json_decref(at.json);
    return good;
}

/*
 * Reads the vector that begins with the last line, into `arena`. Its names are
 * checked unless `seen` is NULL.
 */
static bool read_vector(struct outline *outline, struct arena *arena,
                        const json_t *notes, json_t *seen,
                        struct vector *vector)
{
    struct decode decode = {.arena = arena, .slices = true};
    struct node at = {.in = &decode};
    bool good;

    if (strcmp(outline->line, "  {\n") != 0 || !gather_to(outline, "  }"))
        return false;
    at.json = parse(outline, strlen(outline->line) - strlen("  }"));
    good = at.json != NULL && vector_decode(&at, vector) &&
           (seen == NULL || vector_check_names(&at, vector, notes, seen));
    json_decref(at.json);
    return good;
}

static struct strings copy_strings(const struct strings *from,
                                   struct arena *arena)
{
    const char **at = arena_alloc(arena, from->count, sizeof *at);

    for (size_t i = 0; i < from->count; i++)
        at[i] = arena_printf(arena, "%s", from->at[i]);
    return (struct strings){.at = at, .count = from->count};
}

/* Keeps all of a vector but its packets and answers. */
static struct vector keep(const struct vector *vector, off_t place,
                          struct arena *arena)
{
    struct vector_expect *expect =
        arena_alloc(arena, vector->expects, sizeof *expect);

    for (size_t i = 0; i < vector->expects; i++)
        expect[i].profile =
            arena_printf(arena, "%s", vector->expect[i].profile);
    return (struct vector){
        .id = arena_printf(arena, "%s", vector->id),
        .title = arena_printf(arena, "%s", vector->title),
        .rules = copy_strings(&vector->rules, arena),
        .flags = copy_strings(&vector->flags, arena),
        .run = {.op = vector->run.op},
        .expect = expect,
        .expects = vector->expects,
        .place = place,
    };
}

/* The vectors that were kept. */
struct list {
    struct vector *at;
    size_t count;
    size_t room;
};

static void add(struct list *list, struct vector vector, struct arena *arena)
{
    if (list->count == list->room) {
        const size_t room = list->room == 0 ? 1024 : 2 * list->room;
        struct vector *more = arena_alloc(arena, room, sizeof *more);

        for (size_t i = 0; i < list->count; i++)
            more[i] = list->at[i];
        list->at = more;
        list->room = room;
    }
    list->at[list->count++] = vector;
}

/* Reads all vectors, and what is behind them. */
static bool read_vectors(struct outline *outline, struct vector_file *file,
                         const json_t *notes, json_t *seen)
{
    struct list list = {.at = NULL};
    struct vector vector;

    for (;;) {
        const off_t place = ftello(outline->stream);

        if (!read_line(outline))
            return false;
        if (strcmp(outline->line, " ]\n") == 0)
            return read_line(outline) && strcmp(outline->line, "}\n") == 0 &&
                   !read_line(outline);
        arena_reset(&outline->scratch);
        vector = (struct vector){0};
        if (!read_vector(outline, &outline->scratch, notes, seen, &vector))
            return false;
        add(&list, keep(&vector, place, &file->arena), &file->arena);
        file->vectors = list.at;
        file->vector_count = list.count;
    }
}

bool vector_outline_read(struct vector_file *file, const char *path)
{
    json_t *seen = json_object();
    struct outline outline;
    json_t *notes = NULL;
    struct stat status;
    bool good;

    good = open_outline(&outline, path) &&
           fstat(fileno(outline.stream), &status) == 0 &&
           S_ISREG(status.st_mode) && status.st_size > LARGE &&
           read_head(&outline, file, &notes) &&
           read_vectors(&outline, file, notes, seen);
    close_outline(&outline);
    json_decref(notes);
    json_decref(seen);
    if (!good)
        vector_file_free(file);
    return good;
}

bool vector_outline_load(const char *path, const struct vector *of,
                         struct arena *arena, struct vector *vector)
{
    struct outline outline;
    bool good;

    *vector = (struct vector){0};
    good = open_outline(&outline, path) &&
           fseeko(outline.stream, of->place, SEEK_SET) == 0 &&
           read_line(&outline) &&
           read_vector(&outline, arena, NULL, NULL, vector) &&
           strcmp(vector->id, of->id) == 0 && vector->expects == of->expects;
    close_outline(&outline);
    return good;
}
