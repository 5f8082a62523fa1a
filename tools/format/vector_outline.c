/* SPDX-License-Identifier: MIT */
/*
 * Reading a large vector file one vector at a time. In the canonical form a
 * vector begins and ends with a line of two blanks and a bracket. A file in
 * another form, or with a mistake, is left to vector_file_read().
 */
#include <string.h>
#include <sys/stat.h>

#include "outline_text.h"
#include "vector_private.h"

/* Smaller files are read as a whole, which is faster. */
#define LARGE (8 << 20)

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
 * Reads the vector that begins with the last line, into `arena`. Its names are
 * checked unless `seen` is NULL. A field "x-..." could hold one of the packets
 * that are read early, so a vector that has such a field is left to others.
 */
static bool read_vector(struct outline_text *text, struct arena *arena,
                        const json_t *notes, json_t *seen,
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
           vector->extras.count == 0 &&
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

static bool next_is(struct outline_text *text, const char *line)
{
    return outline_text_line(text) && strcmp(text->line, line) == 0;
}

/* Reads all vectors, and what is behind them. */
static bool read_vectors(struct outline_text *text, struct vector_file *file,
                         const json_t *notes, json_t *seen)
{
    struct arena scratch = {0}; /* holds one vector */
    struct list list = {.at = NULL};
    struct vector vector;
    off_t place;
    bool good;

    do {
        arena_reset(&scratch);
        place = ftello(text->file);
        vector = (struct vector){0};
        good = outline_text_line(text) &&
               read_vector(text, &scratch, notes, seen, &vector);
        if (good)
            add(&list, keep(&vector, place, &file->arena), &file->arena);
    } while (good && strcmp(text->line, between) == 0);
    arena_free(&scratch);
    file->vectors = list.at;
    file->vector_count = list.count;
    return good && next_is(text, " ]\n") && next_is(text, "}\n") &&
           !outline_text_line(text);
}

bool vector_outline_read(struct vector_file *file, const char *path)
{
    json_t *seen = json_object();
    struct outline_text text;
    json_t *notes = NULL;
    struct stat status;
    bool good;

    good = outline_text_open(&text, path) &&
           fstat(fileno(text.file), &status) == 0 && S_ISREG(status.st_mode) &&
           status.st_size > LARGE && read_head(&text, file, &notes) &&
           read_vectors(&text, file, notes, seen);
    outline_text_close(&text);
    json_decref(notes);
    json_decref(seen);
    if (!good)
        vector_file_free(file);
    return good;
}

bool vector_outline_load(const char *path, const struct vector *of,
                         struct arena *arena, struct vector *vector)
{
    struct outline_text text;
    bool good;

    *vector = (struct vector){0};
    good = outline_text_open(&text, path) &&
           fseeko(text.file, of->place, SEEK_SET) == 0 &&
           outline_text_line(&text) &&
           read_vector(&text, arena, NULL, NULL, vector) &&
           strcmp(vector->id, of->id) == 0 && vector->expects == of->expects;
    outline_text_close(&text);
    return good;
}
