/* SPDX-License-Identifier: MIT */
/*
 * The shapes of differences. Two differences have the same shape if the first
 * line about each is the same but for its numbers, and if the same rule decided
 * in the reference. Most likely they have the same cause.
 */
#ifndef GROVE_DIFF_SHAPE_H
#define GROVE_DIFF_SHAPE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { SHAPE_LEN = 160, MAX_SHAPES = 64 };

struct diff_shape {
    char text[SHAPE_LEN];
};

/* The shapes so far, and how many differences had each. */
struct diff_shapes {
    struct diff_shape shape[MAX_SHAPES];
    uint64_t differences[MAX_SHAPES];
    size_t count;
};

/*
 * The shape of a difference that answers_agree() describes by `why`. `rule` is
 * the one that decided in the reference, or NULL.
 */
struct diff_shape diff_shape(const char *why, const char *rule);

/*
 * Counts a difference of this shape. Returns how many there were before it. All
 * shapes beyond the last place count as one.
 */
uint64_t diff_shapes_count(struct diff_shapes *shapes,
                           const struct diff_shape *shape);

/* Writes a line for each shape. */
void diff_shapes_print(const struct diff_shapes *shapes, FILE *stream);

#endif
