/* SPDX-License-Identifier: MIT */
/*
 * What a coalescer does to packets. The packets that were sent, and the outputs
 * that are to be written, are finished as receivers get them, and are compared.
 *
 * Linux is not lossless itself. What it does is allowed: an output that is one
 * of its own answer, an output that it makes of the same packets alone, and an
 * order in which it sends the same two packets alone, or with lists those of
 * their flow. So the size of the table does not matter.
 */
#ifndef GROVE_JUDGE_TRIAL_H
#define GROVE_JUDGE_TRIAL_H

#include "difference.h"
#include "judgement.h"
#include "pair.h"
#include "witness.h"

/* A packet that was sent. */
struct origin {
    const struct run_input *input;
    size_t poll;
    size_t first; /* what receivers get of it, in trial.sent */
    size_t count;
    bool taken; /* an output that Linux makes, too, stands for it */
};

/* An output. */
struct leaving {
    /*
     * The same output of Linux's answer; or itself, if it names its packets and
     * Linux makes the same of these alone; or NULL.
     */
    const struct run_output *as_linux;
    const char *refused_by; /* a rule, or NULL */
    bool is_broken;         /* its IP header makes receivers drop */
    bool is_allowed;        /* Linux makes the same of these packets alone */
    size_t first;           /* what receivers get of it, in trial.arrived */
    size_t count;
};

struct trial {
    struct witness *witness;
    struct judgement *judgement;
    struct arena *arena;
    const struct run *run;
    const struct answer *got;
    struct origin *origin; /* by packet */
    size_t packets;
    struct leaving *leaving; /* by output */
    struct finished_list sent;
    struct finished_list arrived;
    struct pairs pairs;
};

/* Finishes all packets, and finds out which is which. */
void trial_begin(struct trial *trial);

/*
 * Whether this packet of trial.arrived differs from what was sent, in a way
 * that Linux does not have.
 */
bool trial_is_changed(const struct trial *trial, size_t arrived,
                      struct difference *difference);

/* Adds a line to the judgement, as judgement_note() does. */
#define NOTE(trial, ...)                                                       \
    judgement_note((trial)->judgement, &(trial)->witness->arena, __VA_ARGS__)

#endif
