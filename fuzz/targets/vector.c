/* SPDX-License-Identifier: MIT */
/*
 * Targets: the reader of vector files (tools/format), and their writer.
 *
 * Asserts: an error in a file has a message of one line. The input packets are
 * those of the document. A vector that is read, printed and read again is
 * printed as the same text. A file of which outlines are read has the same
 * vectors when it is read as a whole. They are read of every canonical file
 * whose vectors have no fields of others.
 *
 * Input: a vector file (vectors/README.md).
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory_file.h"
#include "target.h"
#include "vector_private.h"

/* Prints a file's vectors as text. */
static char *print(const struct vector_file *file, size_t *len)
{
    char *text = NULL;
    FILE *stream = open_memstream(&text, len);

    if (stream == NULL)
        err(70, "memory");
    fputc('[', stream);
    for (size_t i = 0; i < file->vector_count; i++) {
        if (i != 0)
            fputc(',', stream);
        vector_print(stream, &file->vectors[i]);
    }
    fputc(']', stream);
    fclose(stream);
    return text;
}

/* Reads the document. On failure the reader must give a line; false. */
static bool decode(json_t *json, struct vector_file *file)
{
    struct decode reading = {.arena = &file->arena, .slices = true};
    struct node at = {.in = &reading, .json = json};

    if (vector_file_decode(&at, file))
        return true;
    CHECK(reading.why != NULL && strchr(reading.why, '\n') == NULL,
          "it is not said in one line what is wrong: %s",
          reading.why != NULL ? reading.why : "nothing");
    return false;
}

/* Checks the bytes of a packet by a separate reader of hex digits. */
static void check_packet(const struct run_input *input, const char *digits)
{
    CHECK(strlen(digits) == 2 * input->len, "%zu bytes of %zu digits",
          input->len, strlen(digits));
    for (size_t i = 0; i < input->len; i++) {
        const char byte[] = {digits[2 * i], digits[2 * i + 1], '\0'};

        CHECK(strtoul(byte, NULL, 16) == input->packet[i],
              "byte %zu is %02x, not %s", i, input->packet[i], byte);
    }
}

static void check_packets(const struct vector_file *file, const json_t *json)
{
    const json_t *vectors = json_object_get(json, "vectors");

    for (size_t i = 0; i < file->vector_count; i++) {
        const struct run *run = &file->vectors[i].run;
        const json_t *inputs =
            json_object_get(json_array_get(vectors, i), "input");

        CHECK(json_array_size(inputs) == run->inputs, "%zu inputs of %zu",
              run->inputs, json_array_size(inputs));
        for (size_t j = 0; j < run->inputs; j++)
            if (!run->input[j].flush)
                check_packet(&run->input[j],
                             json_string_value(json_object_get(
                                 json_array_get(inputs, j), "packet")));
    }
}

/* Replaces the vectors of the document by the printed ones. */
static void check_again(json_t *json, const char *text, size_t len)
{
    struct vector_file again = {0};
    const char *why = "";
    json_t *vectors = json_parse(&again.arena, text, len, &why);
    size_t other_len;
    char *other;

    CHECK(vectors != NULL, "what was printed is not JSON: %s", why);
    json_object_set_new(json, "vectors", vectors);
    CHECK(decode(json, &again), "what was printed cannot be read");
    other = print(&again, &other_len);
    CHECK(other_len == len && memcmp(text, other, len) == 0,
          "what was printed, %zu bytes, is printed again as %zu others", len,
          other_len);
    free(other);
    vector_file_free(&again);
}

void target_make(void)
{
    memory_file_make();
}

static void check_strings(const struct strings *outline,
                          const struct strings *whole)
{
    CHECK(outline->count == whole->count, "%zu strings of %zu", outline->count,
          whole->count);
    for (size_t i = 0; i < whole->count; i++)
        CHECK(strcmp(outline->at[i], whole->at[i]) == 0, "%s is not %s",
              outline->at[i], whole->at[i]);
}

/* Checks what an outline has of its vector. */
static void check_kept(const struct vector *outline, const struct vector *whole)
{
    check_strings(&outline->flags, &whole->flags);
    CHECK(strcmp(outline->id, whole->id) == 0 &&
              outline->run.op == whole->run.op &&
              outline->expects == whole->expects,
          "the outline %s is not of %s", outline->id, whole->id);
    for (size_t i = 0; i < whole->expects; i++)
        CHECK(strcmp(outline->expect[i].profile, whole->expect[i].profile) == 0,
              "the profile %s is not %s", outline->expect[i].profile,
              whole->expect[i].profile);
}

/* Checks that what is read of an outline is the vector of the whole file. */
static void check_outline(const struct vector *outline,
                          const struct vector *whole)
{
    struct vector_file one = {.vector_count = 1};
    const struct vector_file other = {.vectors = whole, .vector_count = 1};
    struct vector loaded;
    size_t other_len;
    char *other_text;
    size_t len;
    char *text;

    check_kept(outline, whole);
    CHECK(vector_outline_load(memory_file_path, outline, &one.arena, &loaded),
          "the vector %s of an outline cannot be read", outline->id);
    one.vectors = &loaded;
    text = print(&one, &len);
    other_text = print(&other, &other_len);
    CHECK(len == other_len && memcmp(text, other_text, len) == 0,
          "the vector %s differs from that of the whole file", outline->id);
    free(text);
    free(other_text);
    vector_file_free(&one);
}

/* `file` was read as a whole; NULL: it could not be read. False: no outlines.
 */
static bool check_outlines(const void *text, size_t len,
                           const struct vector_file *file)
{
    struct vector_file outlines = {0};

    memory_file_write(text, len);
    if (!vector_outline_read(&outlines, memory_file_path))
        return false;
    CHECK(file != NULL && file->vector_count == outlines.vector_count,
          "outlines of %zu vectors", outlines.vector_count);
    for (size_t i = 0; i < outlines.vector_count; i++) {
        const struct vector outline = vector_at(&outlines, i);

        check_outline(&outline, &file->vectors[i]);
    }
    vector_file_free(&outlines);
    return true;
}

/* The same for the canonical form of the file. */
static void check_canonical(struct vector_file *file)
{
    bool has_outlines = file->vector_count != 0;
    const char *why;
    char *text;
    size_t len;

    for (size_t i = 0; i < file->vector_count; i++)
        has_outlines &= file->vectors[i].extras.count == 0;
    why = vector_file_text(file, &text, &len);
    CHECK(why == NULL, "what was read cannot be written: %s", why);
    CHECK(check_outlines(text, len, file) == has_outlines,
          "the canonical file has no outlines");
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vector_file file = {0};
    const char *why = NULL;
    json_t *json = json_parse(&file.arena, (const char *)data, size, &why);
    bool good = false;
    size_t len;
    char *text;

    if (json == NULL) {
        CHECK(why != NULL && strchr(why, '\n') == NULL,
              "one line must say what is not JSON");
    } else if (decode(json, &file)) {
        good = true;
        check_packets(&file, json);
        text = print(&file, &len);
        check_again(json, text, len);
        check_canonical(&file);
        free(text);
    }
    check_outlines(data, size, good ? &file : NULL);
    json_decref(json);
    vector_file_free(&file);
    return 0;
}
