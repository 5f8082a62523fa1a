/* SPDX-License-Identifier: MIT */
/*
 * Both sides of the adapter protocol, which has one JSON object a line on stdin
 * and stdout. vectors/README.md describes it.
 */
#ifndef GROVE_TOOLS_ADAPTER_H
#define GROVE_TOOLS_ADAPTER_H

#include <stdbool.h>
#include <stdio.h>

#include "run.h"
#include "vector.h"

#define ADAPTER_PROTOCOL 1

/* The longest line, in bytes. */
#define ADAPTER_LINE_MAX ((size_t)64 << 20)

/* The default time limit for an answer, in milliseconds. */
#define ADAPTER_TIMEOUT_MS 10000

/* The content of an adapter's hello. */
struct adapter_hello {
    const char *impl;
    const char *version;
    struct strings profiles;
    bool gro; /* ops */
    bool gso;
    bool verdict; /* tiers beside "output" */
    bool rule;
    const char *level; /* that it claims, as "safe"; NULL: none */
};

/*
 * Serves `implementation` until "bye", the end of `in`, or an error of `out`;
 * the caller checks ferror().
 */
void adapter_serve(const struct adapter_hello *hello,
                   const struct implementation *implementation, FILE *in,
                   FILE *out);

/* The hello of an adapter that adapter_open() opened. */
const struct adapter_hello *
adapter_said(const struct implementation *implementation);

#endif
