/* SPDX-License-Identifier: MIT */
/* Writes a vector file one vector at a time, in canonical form. */
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "packfile.h"
#include "vector_private.h"

/* The end of a file without vectors: where the first one would stand. */
static const char no_vectors[] = "]\n}\n";

struct vector_writer {
    struct vector_file *head;
    const char *path;
    struct packfile file;
    FILE *stream; /* makes the text of a vector */
    char *text;
    size_t len;
    size_t vectors;
};

static void free_writer(struct vector_writer *writer)
{
    fclose(writer->stream);
    free(writer->text);
    free(writer);
}

static const char *system_error(struct vector_file *head, const char *path)
{
    return arena_printf(&head->arena, "%s: %s; choose another place", path,
                        strerror(errno));
}

/* Writes all that is before the first vector. NULL, or one line. */
static const char *write_head(struct vector_writer *writer)
{
    const size_t end = strlen(no_vectors);
    const char *why;
    char *text;
    size_t len;

    why = vector_file_text(writer->head, &text, &len);
    if (why != NULL)
        return arena_printf(&writer->head->arena, "%s: %s", writer->path, why);
    if (!packfile_open(&writer->file, writer->path) ||
        !packfile_write(&writer->file, text, len - end))
        why = system_error(writer->head, writer->path);
    free(text);
    return why;
}

struct vector_writer *vector_writer_open(struct vector_file *head,
                                         const char *path, const char **why)
{
    struct vector_writer *writer = calloc(1, sizeof *writer);

    if (writer == NULL)
        err(70, "memory");
    writer->head = head;
    writer->path = path;
    writer->stream = open_memstream(&writer->text, &writer->len);
    if (writer->stream == NULL)
        err(70, "memory");
    *why = write_head(writer);
    if (*why == NULL)
        return writer;
    free_writer(writer);
    return NULL;
}

const char *vector_writer_add(struct vector_writer *writer,
                              const struct vector *vector)
{
    struct vector_file *head = writer->head;
    const char *why;

    rewind(writer->stream);
    fputs(writer->vectors++ == 0 ? "\n  " : ",\n  ", writer->stream);
    why = vector_file_print(writer->stream, head, vector);
    if (fflush(writer->stream) != 0)
        err(70, "memory");
    if (why == NULL) {
        if (packfile_write(&writer->file, writer->text, writer->len))
            return NULL;
        why = system_error(head, writer->path);
    } else {
        packfile_abandon(&writer->file);
        why = arena_printf(&head->arena, "%s: %s", writer->path, why);
    }
    free_writer(writer);
    return why;
}

const char *vector_writer_commit(struct vector_writer *writer)
{
    const char *end = writer->vectors == 0 ? "" : "\n ";
    const char *why = NULL;

    if (!packfile_write(&writer->file, end, strlen(end)) ||
        !packfile_write(&writer->file, no_vectors, strlen(no_vectors)) ||
        !packfile_commit(&writer->file))
        why = system_error(writer->head, writer->path);
    free_writer(writer);
    return why;
}

void vector_writer_abandon(struct vector_writer *writer)
{
    if (writer == NULL)
        return;
    packfile_abandon(&writer->file);
    free_writer(writer);
}
