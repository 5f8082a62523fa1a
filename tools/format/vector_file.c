/* SPDX-License-Identifier: MIT */
/* Vector files on disk: plain JSON, or packed by gzip. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "packfile.h"
#include "vector_private.h"

/* The limit for unpacked files: a few bytes could unpack to gigabytes. */
#define MAX_UNPACKED (64u << 20)

/* What is read, what of it was, and zlib's first error. */
struct source {
    gzFile file;
    size_t len;
    int status;
};

/* Reads for jansson, which treats an error as the end. finish() reports it.
 * zlib 1.3.2 reports a cut file only after the read that met its end.
 */
static size_t take(void *buffer, size_t room, void *data)
{
    struct source *source = data;
    int len = gzread(source->file, buffer, (unsigned)room);

    if (source->status == Z_OK)
        gzerror(source->file, &source->status);
    if (len <= 0)
        return 0;
    source->len += (size_t)len;
    if (gzdirect(source->file) == 0 && source->len > MAX_UNPACKED)
        return 0;
    return (size_t)len;
}

static const char *system_error(struct vector_file *file, const char *path)
{
    return arena_printf(&file->arena, "%s: %s; give a vector file", path,
                        strerror(errno));
}

/* Closes it. Returns NULL, or an error of reading or unpacking. */
static const char *finish(struct source *source, struct vector_file *file,
                          const char *path)
{
    const bool packed = gzdirect(source->file) == 0;

    if (source->status == Z_ERRNO) {
        const char *why = system_error(file, path);

        gzclose(source->file);
        return why;
    }
    gzclose(source->file);
    if (source->status != Z_OK)
        return arena_printf(&file->arena,
                            "%s: after %zu bytes: damaged or cut; pack it "
                            "again with gzip",
                            path, source->len);
    if (packed && source->len > MAX_UNPACKED)
        return arena_printf(
            &file->arena, "%s: more than 64 MiB when unpacked; split it", path);
    return NULL;
}

/* Makes the message of a syntax error: jansson's place and the remedy. */
static const char *syntax_error(struct vector_file *file, const char *path,
                                const json_error_t *error)
{
    char *why;

    if (error->line < 0)
        why = arena_printf(&file->arena, "%s: %s", path, error->text);
    else
        why = arena_printf(&file->arena,
                           "%s: line %d, column %d: %s; correct the JSON", path,
                           error->line, error->column, error->text);
    make_printable(why);
    return why;
}

/* The document; NULL and `why` if it cannot be read. */
static json_t *load(struct vector_file *file, const char *path,
                    const char **why)
{
    struct source source = {.file = gzopen(path, "re")};
    json_error_t error;
    json_t *json;

    if (source.file == NULL) {
        *why = system_error(file, path);
        return NULL;
    }
    json = json_load_callback(take, &source, JSON_REJECT_DUPLICATES, &error);
    *why = finish(&source, file, path);
    if (*why == NULL && json == NULL)
        *why = syntax_error(file, path, &error);
    if (*why == NULL)
        return json;
    json_decref(json);
    return NULL;
}

const char *vector_file_read(struct vector_file *file, const char *path)
{
    struct decode decode = {.arena = &file->arena, .slices = true};
    struct node at = {.in = &decode};
    const char *why;
    bool good;

    at.json = load(file, path, &why);
    if (at.json == NULL)
        return why;
    file->foreign = json_object_get(at.json, "schema") == NULL &&
                    json_object_get(at.json, "vectors") == NULL;
    good = vector_file_decode(&at, file);
    json_decref(at.json);
    return good ? NULL : arena_printf(&file->arena, "%s: %s", path, decode.why);
}

static bool write_text(const char *path, const char *text, size_t len)
{
    struct packfile file;

    return packfile_open(&file, path) && packfile_write(&file, text, len) &&
           packfile_commit(&file);
}

const char *vector_file_write(struct vector_file *file, const char *path)
{
    const char *why;
    char *text;
    size_t len;

    why = vector_file_text(file, &text, &len);
    if (why != NULL)
        return arena_printf(&file->arena, "%s: %s", path, why);
    if (!write_text(path, text, len))
        why = arena_printf(&file->arena, "%s: %s; choose another place", path,
                           strerror(errno));
    free(text);
    return why;
}

/* True if the file has exactly these bytes. */
static bool holds(gzFile source, const char *text, size_t len)
{
    char part[1 << 14];
    size_t at = 0;
    int got;

    while ((got = gzread(source, part, sizeof part)) > 0) {
        if ((size_t)got > len - at || memcmp(part, text + at, (size_t)got) != 0)
            return false;
        at += (size_t)got;
    }
    return got == 0 && at == len;
}

const char *vector_file_check(struct vector_file *file, const char *path,
                              bool *canonical)
{
    const char *why;
    gzFile source;
    char *text;
    size_t len;

    why = vector_file_text(file, &text, &len);
    if (why != NULL)
        return arena_printf(&file->arena, "%s: %s", path, why);
    source = gzopen(path, "re");
    if (source == NULL)
        why = system_error(file, path);
    else
        *canonical = holds(source, text, len);
    gzclose(source);
    free(text);
    return why;
}
