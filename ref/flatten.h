/* SPDX-License-Identifier: MIT */
/*
 * Functions that are called for each packet, in a build that compiles all files
 * as one unit. There calls would cost a fifth of the time.
 */
#ifndef GROVE_FLATTEN_H
#define GROVE_FLATTEN_H

/*
 * The function contains all that it calls, and what that calls. It begins on a
 * line of the cache, so that other code does not change how fast it is.
 */
#define FLATTEN __attribute__((flatten, aligned(64)))

/*
 * The same for a function that is contained in one with FLATTEN. gcc needs it
 * nowhere. clang otherwise leaves out what such a function calls.
 */
#ifdef __clang__
#define FLATTEN_PART FLATTEN
#else
#define FLATTEN_PART
#endif

/* The function is contained in all that call it, however many these are. */
#define CONTAINED __attribute__((always_inline)) FLATTEN_PART

/* The function is contained in none, since few packets need it. */
#define RARE __attribute__((noinline))

#endif
