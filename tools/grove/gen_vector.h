/* SPDX-License-Identifier: MIT */
/* A vector made of polls of a capture and the answer to them. */
#ifndef GROVE_TOOLS_GEN_VECTOR_H
#define GROVE_TOOLS_GEN_VECTOR_H

#include "describe.h"
#include "polls.h"
#include "vector.h"

/*
 * Whole polls of one capture, in order. A vector has as many as fit into
 * GEN_PACKETS packets: a full poll by itself, or many of a few packets each.
 */
#define GEN_PACKETS 64

struct gen_polls {
    struct run_input input[2 * GEN_PACKETS]; /* with a flush between polls */
    size_t inputs;
    uint32_t frames[GEN_PACKETS]; /* of the packets, from 1 */
    size_t packets;
    size_t polls;
};

/* Adds the poll, whose packets must live on. False: there is no room. */
bool gen_polls_add(struct gen_polls *polls, const struct poll *poll);

/* What is not the same for all vectors of a file. */
struct gen_origin {
    const char *id;
    const char *pcap;      /* the base name */
    const char *profile;   /* expected of this one */
    const char *confirmed; /* by this kernel, or GEN_MODEL */
};

/* Confirmed by no kernel. */
#define GEN_MODEL "model"

/*
 * The vector; it refers to the packets and to `origin`'s strings, all else is
 * in `arena`. `decided` has GROVE_RULE_COUNT numbers: how often each rule did.
 */
struct vector gen_vector(const struct gen_polls *polls,
                         const struct answer *answer, const uint64_t *decided,
                         const struct gen_origin *origin, struct arena *arena);

/*
 * Adds what is expected of another profile, which is the model's word alone if
 * it is not what the first one's is.
 */
void gen_vector_add(struct vector *vector, const char *profile,
                    const struct answer *answer, struct arena *arena);

/* Adds the packets that went in and came out, by protocol. */
void gen_tally(const struct gen_polls *polls, const struct answer *answer,
               struct tally *tally);

#endif
