/* SPDX-License-Identifier: MIT */
/* Functions that reading and writing vector files share. */
#ifndef GROVE_TOOLS_VECTOR_PRIVATE_H
#define GROVE_TOOLS_VECTOR_PRIVATE_H

#include "node.h"
#include "vector.h"

/* Reads the document. Returns false and sets at->in->why on an error. */
bool vector_file_decode(const struct node *at, struct vector_file *file);

/* Reads a vector; the same for its errors. */
bool vector_decode(const struct node *at, struct vector *vector);

/*
 * The first flag that has no note; NULL if there is none. `notes` is an object,
 * or NULL.
 */
const char *vector_unnoted_flag(const struct vector *vector,
                                const json_t *notes);

/*
 * Makes the canonical text of the file, which the caller frees. NULL, or what
 * is wrong with the content, which lives in `file`; then there is no text.
 */
const char *vector_file_text(struct vector_file *file, char **text,
                             size_t *len);

/*
 * Prints a vector as an element of a file that has all else of `file`. NULL, or
 * what is wrong with it, which lives in `file`; then nothing is printed.
 */
const char *vector_file_print(FILE *stream, struct vector_file *file,
                              const struct vector *vector);

#endif
