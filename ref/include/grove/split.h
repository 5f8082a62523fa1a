/* SPDX-License-Identifier: MIT */
/*
 * The inverse of the table: a super-packet and its virtio_net_hdr in, its
 * segments out, as Linux makes them for a reader without segmentation offload.
 *
 *     grove_split_init()       makes a splitter, once
 *     grove_split_begin()      takes a super-packet, or says why not
 *     grove_split_next() ...   gives one segment after the other, or
 *     grove_split_copy() ...   copies one after the other
 *
 * The conventions are those of grove/table.h. grove_split_next() does not copy
 * payload. The packet must stay unchanged until its last segment was used.
 * There is no limit on the number of segments. A caller that runs out of
 * buffers calls grove_split_next() again later.
 */
#ifndef GROVE_SPLIT_H
#define GROVE_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "grove/iovec.h"
#include "grove/rule.h"
#include "grove/table.h"
#include "grove/vnet.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The most iovecs of a segment: header; in a tunnel: link and IP, extensions,
 * UDP, what is up to the inner IP header; link and IP, extensions, L4, payload.
 */
#define GROVE_SEGMENT_IOVECS 9

/* What became of a packet. */
enum grove_split_result {
    GROVE_SPLIT_OK = 0,   /* there are segments, one or more */
    GROVE_SPLIT_REJECTED, /* the kernel's write fails with EINVAL */
    GROVE_SPLIT_DROPPED   /* the kernel accepts it and delivers nothing */
};

/* All zero is a good configuration. */
struct grove_split_config {
    const char *profile; /* as in struct grove_config */
    bool csum_offload;   /* the reader computes checksums (TUN_F_CSUM) */
    enum grove_link link;
    uint8_t vnet_len; /* of virtio headers, as in struct grove_config */
};

/* One segment. Valid until the next call with the same splitter. */
struct grove_segment {
    struct iovec iov[GROVE_SEGMENT_IOVECS]; /* [0] is the virtio_net_hdr */
    int iovcnt;
    uint32_t len; /* in bytes, without the virtio header */
};

struct grove_split;

/* Bytes of memory that a splitter takes. No configuration changes it. */
size_t grove_split_size(void);

/*
 * Makes a splitter in the caller's `memory` of `size` bytes, aligned as by
 * malloc(). The splitter is `memory` itself, needs no release, and must not be
 * moved. It gives no segment until grove_split_begin(). Errors:
 * GROVE_E_CONFIG_PROFILE, GROVE_E_MEMORY_*, GROVE_E_ALLOCATION, as of
 * grove_table_init().
 */
GROVE_MUST_CHECK enum grove_error
grove_split_init(void *memory, size_t size,
                 const struct grove_split_config *config,
                 struct grove_split **split);

/* As grove_split_init(), by one malloc(); release with grove_split_free(). */
GROVE_MUST_CHECK enum grove_error
grove_split_new(const struct grove_split_config *config,
                struct grove_split **split);

/* Releases a splitter of grove_split_new(). NULL is allowed. */
void grove_split_free(struct grove_split *split);

/*
 * Begins to split `packet`, a super-packet or a plain packet. The packet before
 * it is forgotten. After OK, *rule is GROVE_RULE_NONE. After REJECTED or
 * DROPPED, *rule is the rule that decided, and the splitter gives no segment.
 */
GROVE_MUST_CHECK enum grove_split_result
grove_split_begin(struct grove_split *split, const struct grove_packet *packet,
                  enum grove_rule *rule);

/*
 * Gives the next segment, or returns false if there is none. Its headers are in
 * the memory of `split`, its payload is in the caller's packet.
 */
bool grove_split_next(struct grove_split *split, struct grove_segment *segment);

/*
 * Gives the next segment in the caller's memory, as one piece: its `size` bytes
 * at `data`, and its virtio_net_hdr in the vnet_len bytes at `vnet`,
 * which may be NULL. Its payload is read once, and copied and summed at the
 * same time. Returns the length of the segment in bytes, or 0 if there is
 * none. If it is over `size`, the segment stays the next one and nothing is
 * written, so that a caller may ask for the length with size 0 and any `data`.
 * `data` must not overlap the packet. The bytes are those of
 * grove_split_next(), and the two functions may be called by turns.
 */
uint32_t grove_split_copy(struct grove_split *split, uint8_t *data, size_t size,
                          uint8_t *vnet);

/* How many segments are still to come. */
uint32_t grove_split_left(const struct grove_split *split);

#ifdef __cplusplus
}
#endif

#endif
