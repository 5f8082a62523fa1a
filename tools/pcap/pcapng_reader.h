/* SPDX-License-Identifier: MIT */
/*
 * Reads pcapng files, as draft-ietf-opsawg-pcapng describes them. libpcap 1.10
 * refuses files whose interfaces have different link types or snap lengths.
 */
#ifndef GROVE_TOOLS_PCAPNG_READER_H
#define GROVE_TOOLS_PCAPNG_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "frame.h"
#include "source.h"

/* What a section says about one of its interfaces. */
struct pcapng_interface {
    int link;
    uint32_t snap_len; /* 0: none */
    uint32_t fcs_len;
    uint64_t units; /* of time in a second */
    int64_t offset; /* seconds to add to each time */
    char name[32];
};

/* All zero is a closed one. */
struct pcapng_reader {
    FILE *stream;
    bool little; /* the byte order of the section */
    uint8_t *block;
    size_t room;
    struct pcapng_interface *interfaces; /* of the section */
    uint32_t count;
    uint32_t first; /* interfaces of earlier sections */
    int64_t time;   /* of the last frame, for one without */
    const char *reason;
};

/* Whether the file begins as pcapng does. */
bool pcapng_begins(const struct source *source);

/* Takes the stream of the source. */
void pcapng_reader_open(struct pcapng_reader *reader, struct source *source);

/* After READ_BROKEN, reader->reason says why; a static string. */
enum read_result pcapng_reader_next(struct pcapng_reader *reader,
                                    struct frame *frame);

/* Closes it and the source. */
void pcapng_reader_close(struct pcapng_reader *reader);

#endif
