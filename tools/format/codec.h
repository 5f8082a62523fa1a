/* SPDX-License-Identifier: MIT */
/* Questions and answers as JSON, for the adapter protocol and vector files. */
#ifndef GROVE_TOOLS_CODEC_H
#define GROVE_TOOLS_CODEC_H

#include "node.h"
#include "run.h"

/* The text of the JSON schemas' "op". */
const char *op_name(enum run_op op);

/* Reads the member "config" of `at`; what it lacks has its default value. */
bool decode_config(const struct node *at, struct run_config *config);

/* The configuration as an object of what differs from the default. */
json_t *encode_config(const struct run_config *config);

/* Reads the members "op", "config" and "input" of `at`. */
bool decode_run(const struct node *at, struct run *run);

/* {"output":...,"verdict":...,"rule":...}: the answer to `run`. */
bool decode_output(const struct node *at, const struct run *run,
                   struct answer *answer);

/* Adds the members that decode_run() reads. */
void encode_run(json_t *object, const struct run *run);

/*
 * Adds the members of the answer. If `run` is not NULL, outputs are written as
 * slices of its inputs if that is shorter.
 */
void encode_answer(json_t *object, const struct answer *answer,
                   const struct run *run);

/* The parts of an output that are slices of the inputs. */
struct slice {
    uint32_t packet;
    uint32_t offset;
    uint32_t len;
};

struct slices {
    size_t header; /* bytes before the first slice */
    struct slice *at;
    size_t count;
};

/*
 * Finds the bytes of `output` in the packets that its `of` names, or for op gso
 * in the only packet. The slices are in `arena`. False if the bytes are not
 * there, or if hex digits are shorter.
 */
bool slices_find(struct arena *arena, const struct run *run,
                 const struct run_output *output, struct slices *slices);

#endif
