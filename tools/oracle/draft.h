/* SPDX-License-Identifier: MIT */
/*
 * A packet that is being made. Its bytes are built from its fields. Lengths and
 * checksums are right unless the caller changes them afterwards.
 */
#ifndef GROVE_TOOLS_DRAFT_H
#define GROVE_TOOLS_DRAFT_H

#include <stdbool.h>
#include <stdint.h>

/* More bytes than the longest packet that the table accepts. */
#define DRAFT_MAX 65800

struct draft_fields {
    uint8_t version;  /* 4 or 6 */
    uint8_t protocol; /* 6, 17 or another */
    uint8_t source[16];
    uint8_t destination[16];
    uint8_t traffic_class;
    uint8_t hop;
    uint16_t id;       /* IPv4 */
    uint16_t fragment; /* IPv4 flags and offset */
    uint32_t flow_label;
    uint8_t ip_options;    /* IPv4: length in words of 4 bytes */
    uint8_t extensions;    /* IPv6: number of extension headers */
    uint8_t extension[4];  /* their types, used in turn */
    uint8_t extension_len; /* length of each, in units of 8 bytes minus 1 */
    uint8_t extension_fill;
    uint16_t source_port;
    uint16_t destination_port;
    uint32_t sequence;
    uint32_t acknowledgment;
    uint16_t flags; /* TCP: the 12 bits after the data offset */
    uint16_t window;
    uint16_t urgent;
    uint8_t tcp_options; /* length in words of 4 bytes */
    uint8_t tcp_option_fill;
    uint32_t payload;
    uint8_t payload_fill;
};

struct draft {
    uint8_t bytes[DRAFT_MAX];
    uint32_t len;
    uint32_t l4;
    uint32_t payload;
};

/* Read and write in the draft; an offset outside of it ends the program. */
uint16_t draft_get16(const struct draft *draft, uint32_t offset);
void draft_put8(struct draft *draft, uint32_t offset, uint8_t value);
void draft_put16(struct draft *draft, uint32_t offset, uint16_t value);
void draft_put32(struct draft *draft, uint32_t offset, uint32_t value);

/* Offset of the L4 checksum field; 0 if there is none. */
uint32_t draft_checksum_field(const struct draft *draft,
                              const struct draft_fields *fields);

/* Builds the bytes, with right lengths and checksums. */
void draft_build(struct draft *draft, const struct draft_fields *fields);

/* Adds bytes at the end. */
void draft_append(struct draft *draft, const void *bytes, uint32_t len);

/* So many bytes, which count up from `fill`. */
void draft_append_fill(struct draft *draft, uint8_t fill, uint32_t len);

/* Builds the IP header alone, with lengths and a checksum of 0. */
void draft_build_ip(struct draft *draft, const struct draft_fields *fields);

/* The folded sum of the bytes from `from` to `to`. */
uint16_t draft_sum(const struct draft *draft, uint32_t from, uint32_t to);

/* Computes the IPv4 header checksum again. */
void draft_ip_checksum(struct draft *draft);

/* Computes the L4 checksum again over all bytes that follow. */
void draft_l4_checksum(struct draft *draft, const struct draft_fields *fields);

/* Writes the sum of the pseudo-header as the checksum: CHECKSUM_PARTIAL. */
void draft_partial(struct draft *draft, const struct draft_fields *fields);

#endif
