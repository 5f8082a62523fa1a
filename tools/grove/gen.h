/* SPDX-License-Identifier: MIT */
/* The steps of `grove gen`: read polls, make a vector of them, report. */
#ifndef GROVE_TOOLS_GEN_H
#define GROVE_TOOLS_GEN_H

#include "gen_vector.h"
#include "hints.h"
#include "layers_option.h"

struct gen_options {
    char **captures; /* paths, NULL-terminated */
    size_t count;
    const char *out;
    const char *profile;
    int64_t gap;
    bool unconfirmed;
    bool trusted; /* announce checksums that were left to the hardware */
    struct layers_option layers; /* what packets begin with, and tunnels */
};

struct gen {
    const struct gen_options *options;
    const char *profile;
    const char *confirmed;
    struct implementation kernel; /* closed if unconfirmed */
    struct implementation reference;
    struct answer expected;
    struct answer got;
    int stop;                 /* readable after a signal */
    const char *const *stems; /* of the ids, one for each capture */
    struct vector_file file;  /* all but its vectors */
    struct vector_writer *writer;
    struct arena arena; /* holds the vector that is being made */
    size_t vectors;
    size_t polls;
    struct frame_counts counts;
    struct findings findings;
    struct tally tally;
    struct strings broken; /* what was said of cut captures, one line each */
};

/* A capture that is being read. */
struct gen_capture {
    const char *path;
    const char *stem;
    const char *label;
    size_t vectors; /* made of it */
};

/*
 * Asks the kernel and the reference, and writes a vector of the answer. Returns
 * an exit status. A message says why it is not GROVE_EXIT_HOLDS.
 */
int gen_add(struct gen *gen, const struct gen_polls *polls,
            struct gen_capture *capture);

/* Says why no vector was made of the file. `why`: what reading it said. */
void gen_complain_of_none(const struct capture_file *file, const char *why);

/* Prints the summary when all vectors are written. */
void gen_summarize(const struct gen *gen);

#endif
