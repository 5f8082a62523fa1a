/* SPDX-License-Identifier: MIT */
/*
 * Writes a capture with comments as pcapng (draft-ietf-opsawg-pcapng), in the
 * byte order of this machine. Errors are those of the stream.
 */
#ifndef GROVE_TOOLS_PCAPNG_WRITER_H
#define GROVE_TOOLS_PCAPNG_WRITER_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct pcapng_packet {
    uint32_t interface;  /* the number of the interface, from 0 */
    int64_t time;        /* nanoseconds since 1970 */
    const uint8_t *data; /* the frame, by the interface's link type */
    size_t len;
    size_t wire_len;     /* bytes that the frame had on the wire */
    const char *comment; /* UTF-8; NULL: none */
};

/* The header of the file. `application` is what wrote it. */
void pcapng_write_header(FILE *stream, const char *application);

/* The next interface, with a LINKTYPE_* and a name. */
void pcapng_write_interface(FILE *stream, uint16_t link_type, const char *name);

void pcapng_write_packet(FILE *stream, const struct pcapng_packet *packet);

#endif
