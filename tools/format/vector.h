/* SPDX-License-Identifier: MIT */
/*
 * Vector files: questions to an implementation of GRO with their expected
 * answers. vectors/README.md describes the format.
 */
#ifndef GROVE_TOOLS_VECTOR_H
#define GROVE_TOOLS_VECTOR_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "arena.h"
#include "run.h"

#define VECTOR_SCHEMA 1

/* Strings that are valid as long as their vector file. */
struct strings {
    const char *const *at;
    size_t count;
};

/* A field "x-...", which is kept but not used: its name and value as JSON. */
struct extra {
    const char *name;
    const char *json;
};

struct extras {
    const struct extra *at;
    size_t count;
};

/*
 * What a profile is expected to answer. Two equal answers of a vector are
 * written once, the second one as "= profile of the first".
 */
struct vector_expect {
    const char *profile;
    struct answer answer; /* OUTPUT or REJECTED; its own arena is empty */
};

struct vector {
    const char *id;
    const char *title;
    struct strings rules; /* at least one */
    struct strings flags; /* each has a note in its file */
    struct run run;       /* profile is NULL */
    const char *config;   /* as read, as JSON: it may name defaults; or NULL */
    const struct vector_expect *expect;
    size_t expects;
    struct strings confirmed; /* "linux-6.18.44", "model" */
    const char *pcap;         /* the capture it comes from, or NULL */
    const uint32_t *packets;  /* numbers of its packets there, from 1 */
    size_t source_packets;
    struct extras extras;
    off_t place; /* of an outline: where it begins in its file; else 0 */
};

/* What is kept of a vector of a large file. */
struct vector_outline {
    const char *id;
    const struct vector *like; /* it has the same op, flags and profiles */
    off_t place;
};

/* Why the vectors with a flag of this name are there. */
struct vector_note {
    const char *name;
    const char *about;
    const char *effect; /* of getting it wrong; may be NULL */
    struct strings links;
};

/*
 * All zero is an empty one. All that it points to may live in `arena`, but
 * `outlines`, which is freed with the file.
 */
struct vector_file {
    const char *suite;
    const char *spec; /* version of SPEC.md */
    const struct vector_note *notes;
    size_t note_count;
    const struct vector *vectors;
    size_t vector_count;
    struct vector_outline *outlines; /* instead of `vectors`; else NULL */
    struct extras extras;
    bool foreign; /* after reading: JSON, but no vector file at all */
    struct arena arena;
};

/*
 * Reads the file at `path`, which may be packed by gzip, into `file`, which is
 * empty before. NULL, or one line "PATH: PLACE: what is wrong; the remedy",
 * which lives in `file`.
 */
const char *vector_file_read(struct vector_file *file, const char *path);

/*
 * Reads a file and keeps outlines only, which take about 60 bytes each. False
 * if the file is not canonical or wrong; then vector_file_read() should read
 * it.
 */
bool vector_outline_read(struct vector_file *file, const char *path);

/*
 * Vector `i` of the file. If that has outlines, only id, op, flags, profiles
 * and place are set, and the title is empty.
 */
struct vector vector_at(const struct vector_file *file, size_t i);

/* Reads a vector of such a file into `arena`. False: the file has changed. */
bool vector_outline_load(const char *path, const struct vector *of,
                         struct arena *arena, struct vector *vector);

/*
 * Writes `file` to `path` in canonical form: the same content always gives the
 * same bytes. A file whose name ends in ".gz" is packed by gzip, and the same
 * version of zlib always gives the same bytes. The new file is written beside
 * the old one and then renamed. NULL, or one line as above.
 */
const char *vector_file_write(struct vector_file *file, const char *path);

/* Writes a file of any number of vectors, one at a time. */
struct vector_writer;

/*
 * Begins the file at `path`, with all of `head` but its vectors. NULL, with
 * *why in `head`, on failure. `head` and `path` stay the caller's, unchanged
 * until the writer is gone.
 */
struct vector_writer *vector_writer_open(struct vector_file *head,
                                         const char *path, const char **why);

/*
 * Adds a vector. NULL, or one line as above, which lives in `head`; then the
 * new file is removed and the writer freed.
 */
const char *vector_writer_add(struct vector_writer *writer,
                              const struct vector *vector);

/* Puts the file in its place, and frees the writer. NULL, or one line. */
const char *vector_writer_commit(struct vector_writer *writer);

/* Removes the new file, and frees the writer. NULL is allowed. */
void vector_writer_abandon(struct vector_writer *writer);

/*
 * Sets *canonical if the file at `path`, from which `file` was read, has the
 * canonical form; for a packed file, when unpacked. NULL, or one line as above.
 */
const char *vector_file_check(struct vector_file *file, const char *path,
                              bool *canonical);

/* Writes one vector in the form that it has in a file, to paste it. */
void vector_print(FILE *stream, const struct vector *vector);

/* The expectation for this profile; NULL if there is none. */
const struct answer *vector_expected(const struct vector *vector,
                                     const char *profile);

/* Frees all memory. */
void vector_file_free(struct vector_file *file);

#endif
