/* SPDX-License-Identifier: MIT */
/* The bytes of a capture file or of a pipe, as a stream. */
#ifndef GROVE_TOOLS_SOURCE_H
#define GROVE_TOOLS_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The first bytes of the file, which tell its format. */
#define SOURCE_HEAD 24

struct source {
    FILE *stream; /* NULL: it is closed */
    char *buffer; /* of the stream */
    int fd;
    int stop;     /* when this descriptor is readable, the source ends; or -1 */
    bool live;    /* a pipe or a terminal: bytes may still be on their way */
    bool stopped; /* `stop` was readable */
    int64_t end_ms; /* then: when to read no more */
    uint8_t head[SOURCE_HEAD];
    size_t head_len;   /* less than SOURCE_HEAD: the file is as short */
    uint64_t position; /* bytes that the stream has taken */
};

/*
 * Opens the file, or stdin for "-". False and errno on failure; nothing is open
 * then. The source must not be moved. Closing its stream closes the file, but
 * only source_close() frees all memory.
 */
bool source_open(struct source *source, const char *path, int stop);

/* Closes it, if it is open. */
void source_close(struct source *source);

#endif
