/* SPDX-License-Identifier: MIT */
/*
 * Where the headers of a packet are. All tools and fuzz targets use this walk.
 * It is a second opinion: it shares no code with ref/parse.c and knows no rule.
 */
#ifndef GROVE_TOOLS_LAYOUT_H
#define GROVE_TOOLS_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Offsets and lengths in bytes; 0: the packet does not have it. */
struct layout {
    size_t ip;    /* length of the IP header, without extension headers */
    size_t next;  /* offset behind the IP header and whole extension headers */
    size_t body;  /* offset of TCP or UDP, which may be cut or empty */
    size_t ports; /* offset of the ports of TCP or UDP */
    size_t l4;    /* offset of a whole TCP or UDP header */
    size_t field; /* offset of its checksum */
    size_t payload;      /* offset of the L4 payload, if that is not empty */
    unsigned extensions; /* extension headers, with the one that is cut */
    bool cut;            /* the header at `next` is an extension header */
    uint8_t version;     /* 4, 6, or 0: no valid IP header */
    uint8_t protocol;    /* of the header at `next` */
};

/*
 * Nothing outside of the packet is read. Fragments are treated as whole
 * packets, and the length fields of the packet are not read.
 */
struct layout layout_of(const uint8_t *packet, size_t len);

#endif
