/* SPDX-License-Identifier: MIT */
/* Levels of agreement with Linux, kinds of harm, and their words. */
#ifndef GROVE_JUDGE_LEVEL_H
#define GROVE_JUDGE_LEVEL_H

#include <stdbool.h>

/* From the best one to the worst one. */
enum level { LEVEL_EXACT, LEVEL_HINTS, LEVEL_SAFE, LEVEL_UNSAFE, LEVELS };

/* What is wrong at LEVEL_UNSAFE, from the least harm to the worst one. */
enum harm {
    HARM_NONE,
    HARM_REORDERS,   /* packets of a flow arrive in another order */
    HARM_CHANGES,    /* a packet arrives with another field */
    HARM_LAUNDERS,   /* a wrong checksum went in, and a right one came out */
    HARM_ACCEPTS,    /* op gso: there are segments where Linux gives none */
    HARM_DUPLICATES, /* a packet arrives that was not sent, or not so often */
    HARM_LOSES,      /* a packet does not arrive */
    HARM_REFUSED,    /* Linux refuses an output; op gso: splits a refused one */
    HARM_HANGS,      /* no answer in time */
    HARM_CRASHES,    /* no answer, as the program ended or sent nonsense */
    HARMS
};

/* "exact", "hints", "safe" or "unsafe". */
const char *level_words(enum level level);

/* "crashes", "changes" and so on; "" for HARM_NONE. */
const char *harm_words(enum harm harm);

/* The level of this name, but not LEVEL_UNSAFE. False: there is none. */
bool level_find(const char *name, enum level *level);

#endif
