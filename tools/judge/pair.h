/* SPDX-License-Identifier: MIT */
/* Which packet that arrives is which packet that was sent. */
#ifndef GROVE_JUDGE_PAIR_H
#define GROVE_JUDGE_PAIR_H

#include "finish.h"

/* No packet. */
#define PAIR_NONE SIZE_MAX

/* Arrays of the caller, by the number of the packet in its list. */
struct pairs {
    const struct finished_list *sent;
    const struct finished_list *arrived;
    size_t *arrived_as; /* by sent: PAIR_NONE, or a number of `arrived` */
    size_t *sent_as;    /* by arrived: the reverse */
    /*
     * By arrived: PAIR_NONE, or an equal packet that arrived before, so that
     * this is one too many.
     */
    size_t *copy_of;
    bool *taken; /* by sent: it has arrived in another way, and has no pair */
};

/* Makes the arrays in the arena, with no pair. */
struct pairs pairs_make(const struct finished_list *sent,
                        const struct finished_list *arrived,
                        struct arena *arena);

/*
 * Finds pairs: first equal packets, then those of a flow with the same TCP
 * sequence number and payload, then those with the same payload, and then what
 * is left of a flow. Among packets that are alike the order decides.
 */
void pairs_find(struct pairs *pairs, struct arena *arena);

#endif
