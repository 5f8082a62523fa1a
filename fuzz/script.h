/* SPDX-License-Identifier: MIT */
/*
 * The format of a fuzzing input that is a batch, version 1. It is total: any
 * bytes are some batch, and no byte behind the last entry that is read counts.
 * It is stable: what a stored input means never changes. Numbers are
 * big-endian; what lies behind the end of the input is 0.
 *
 *     input  := config(1) max_flows(1) entry*
 *     entry  := 0xff
 *             | kind(1) given(2) fill(2) [vnet(10)] bytes(given)
 *
 * config: bits 0 to 2 the number of the profile in ref/profile.def; a number
 *         that no profile has yet stands for that number mod 4;
 *         bit 3 lossless mode; bit 4 no UDP; bit 5 checksums are trusted;
 *         bit 6 the reader of segments computes checksums; bit 7 op gso.
 *         A target that is of one op or of one profile does not look at it.
 * max_flows: 0 is 8.
 *
 * 0xff is a flush, the end of a poll. Any other kind is a packet of given +
 * fill bytes: those `given`, or as many of them as there are, and behind them
 * `fill` bytes, each of which is the low byte of its offset in the packet. Bits
 * of kind, applied in this order:
 *
 *     6     the packet follows in the flow of the packet before it: before its
 *           bytes it has that one's headers, up to the payload of TCP or UDP,
 *           with IPv4's identification 1 more, and TCP's sequence number more
 * by that one's payload. None, if no packet comes before it, or that one has no
 * TCP or UDP 0     the packet has a virtio header, `vnet`; else it is all zero
 *     1     lengths are mended: total_length or payload_length, UDP's length
 *     4, 5  the checksum of TCP or UDP: 0 as it is; 1 right; 2 the sum of the
 *           pseudo-header; 3 as it is, and right by the first two payload bytes
 *     2, 3  the checksum of the IPv4 header: 0 and 3 as it is; 1 right; 2 as
 *           it is, and right by the identification
 *     7     of no meaning, but that 0xff is a flush
 *
 * What a packet does not have is not mended (layout.h says where things are).
 *
 * Limits: after INPUT_ENTRIES entries nothing is read, and a packet that would
 * make it more than INPUT_BYTES of packets in all loses its end.
 */
#ifndef GROVE_FUZZ_SCRIPT_H
#define GROVE_FUZZ_SCRIPT_H

#include <stddef.h>
#include <stdint.h>

#include "grove/vnet.h"

#define INPUT_VERSION 1

enum {
    INPUT_ENTRIES = 96,      /* more than fit into one super-packet of UDP */
    INPUT_BYTES = 80 * 1024, /* more than fit into one of TCP */
    INPUT_HEADER = 2,
    INPUT_PACKET = 5, /* of an entry before vnet and bytes */
};

/* Bits of `config`. */
enum {
    INPUT_PROFILE = 7,
    INPUT_LOSSLESS = 8,
    INPUT_NO_UDP = 16,
    INPUT_TRUSTED = 32,
    INPUT_OFFLOAD = 64,
    INPUT_GSO = 128
};

/* Bits of `kind`. */
enum {
    INPUT_VNET = 1,
    INPUT_LENGTHS = 2,
    INPUT_IP = 0x0c,
    INPUT_IP_RIGHT = 0x04,
    INPUT_IP_BY_ID = 0x08,
    INPUT_L4 = 0x30,
    INPUT_L4_RIGHT = 0x10,
    INPUT_L4_PARTIAL = 0x20,
    INPUT_L4_BY_PAYLOAD = 0x30,
    INPUT_NEXT = 0x40,
    INPUT_FLUSH = 0xff
};

/* An entry as it is written, nothing mended. */
struct entry {
    uint8_t kind;
    uint8_t vnet[GROVE_VNET_LEN];
    const uint8_t *bytes; /* `given` of them */
    uint16_t given;
    uint16_t fill;
};

/* An input as it is written. It points into the bytes that were read. */
struct script {
    uint8_t config;
    uint8_t max_flows;
    size_t entries;
    struct entry entry[INPUT_ENTRIES];
};

/* Reads any bytes. */
void script_read(struct script *script, const uint8_t *data, size_t size);

/* Its length in bytes. */
size_t script_size(const struct script *script);

/*
 * Writes script_size() bytes, which do not overlap those that the entries point
 * to. Reading them gives the same script.
 */
void script_write(const struct script *script, uint8_t *data);

#endif
