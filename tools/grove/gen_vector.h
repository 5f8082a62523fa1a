/* SPDX-License-Identifier: MIT */
/* A golden vector, made from polls of a capture and the answer to them. */
#ifndef GROVE_TOOLS_GEN_VECTOR_H
#define GROVE_TOOLS_GEN_VECTOR_H

#include "describe.h"
#include "hints.h"
#include "polls.h"
#include "vector.h"

/*
 * Complete polls of one capture, in order. A vector has as many polls as fit
 * into GEN_PACKETS packets: one full poll, or many short ones.
 */
#define GEN_PACKETS 64

struct gen_polls {
    struct run_config config;                /* of the link and the tunnels */
    struct run_input input[2 * GEN_PACKETS]; /* a flush ends each poll */
    size_t inputs;
    uint32_t frames[GEN_PACKETS]; /* frame numbers of the packets, from 1 */
    size_t packets;
    size_t polls;
};

/* Whether there is room for the packets of the poll. */
bool gen_polls_fit(const struct gen_polls *polls, const struct poll *poll);

/*
 * Adds a poll for which there is room. Its packets are copied to `arena`.
 * Packets that kernels treat in another way on purpose are left out, and noted
 * in `findings`. With `trusted`, a checksum that the sender left to its
 * hardware is announced to GRO as such.
 */
void gen_polls_add(struct gen_polls *polls, const struct poll *poll,
                   bool trusted, struct findings *findings,
                   struct arena *arena);

/* The origin of a vector. */
struct gen_origin {
    const char *id;
    const char *pcap;      /* base name of the capture */
    const char *profile;   /* the profile of the answer */
    const char *confirmed; /* the kernel that confirmed it, or GEN_MODEL */
};

/* The value of `confirmed` if no kernel confirmed the vector. */
#define GEN_MODEL "model"

/*
 * Makes the vector. It refers to the packets and to the strings of `origin`;
 * all else is in `arena`. `decided` says by rule how often
 * each one decided.
 */
struct vector gen_vector(const struct gen_polls *polls,
                         const struct answer *answer, const uint64_t *decided,
                         const struct gen_origin *origin, struct arena *arena);

/*
 * Adds the answer under another profile. If it differs from the first one, the
 * vector says that only the model confirms it.
 */
void gen_vector_add(struct vector *vector, const char *profile,
                    const struct answer *answer, struct arena *arena);

/* Counts the packets of the question and of the answer, by protocol. */
void gen_tally(const struct gen_polls *polls, const struct answer *answer,
               struct tally *tally);

#endif
