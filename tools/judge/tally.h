/* SPDX-License-Identifier: MIT */
/* How many answers reached which level, and what harm the others do. */
#ifndef GROVE_JUDGE_TALLY_H
#define GROVE_JUDGE_TALLY_H

#include "judge.h"

/* How often something that has a name was counted. */
struct tally_name {
    const char *name;
    size_t count;
};

struct tally_names {
    struct tally_name *at;
    size_t count;
    size_t room;
};

/* Unsafe answers of one op, with the same kind of harm and the same field. */
struct tally_group {
    enum run_op op;
    enum harm harm;
    const char *field;        /* NULL: the kind has none */
    size_t count;             /* of answers */
    struct tally_names rules; /* what the questions show, most often first */
    size_t size;              /* of the smallest question */
    void *smallest;           /* the caller's, of that question */
};

/* All zero is an empty tally. Its data is in `arena`. */
struct tally {
    size_t levels[LEVELS];
    size_t harms[HARMS];
    size_t fewer; /* answers to op gro with fewer outputs than Linux has */
    size_t as_many;
    size_t more;
    size_t outputs; /* all of these, and all of Linux */
    size_t linux_outputs;
    struct tally_group *groups; /* the worst first, after tally_sort() */
    size_t group_count;
    size_t group_room;
    struct arena arena;
};

/* A question, as far as it is counted. */
struct tally_question {
    const struct run *run;
    const char *const *rules; /* what it shows */
    size_t rule_count;
};

/*
 * Counts a judgement. The smallest question of a group has the fewest packets,
 * and of those the fewest bytes. Returns the group that has got a new smallest
 * question, which is valid until the next call, or NULL.
 */
struct tally_group *tally_add(struct tally *tally,
                              const struct tally_question *question,
                              const struct judgement *judgement);

/* Sorts the groups by harm, then by their size, and the rules of each. */
void tally_sort(struct tally *tally);

void tally_free(struct tally *tally);

#endif
