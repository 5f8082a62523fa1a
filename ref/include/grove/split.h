/* SPDX-License-Identifier: MIT */
/*
 * The inverse of the table: a super-packet and its virtio_net_hdr in, its
 * segments out, as Linux makes them for a reader without segmentation offload.
 *
 *     grove_split_begin()      takes the super-packet, or says why not
 *     grove_split_next() ...   one segment after the other
 *
 * A splitter is a plain object of the caller's; nothing is allocated, payload
 * is never copied, and the input is never written to. It must stay unchanged
 * until its last segment was used. There is no limit on the segments: who
 * runs out of buffers goes on later where grove_split_next() stopped.
 */
#ifndef GROVE_SPLIT_H
#define GROVE_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "grove/rule.h"
#include "grove/table.h"
#include "grove/vnet.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The most iovecs of a segment: header, IP, extensions, L4, payload. */
#define GROVE_SEGMENT_IOVECS 5

enum grove_split_result {
    GROVE_SPLIT_OK = 0,
    GROVE_SPLIT_REJECTED, /* the kernel's write fails with EINVAL */
    GROVE_SPLIT_DROPPED   /* the kernel takes it and delivers nothing */
};

/* All zero but the profile is a good configuration. */
struct grove_split_config {
    const char *profile; /* as in struct grove_config */
    bool csum_offload;   /* the reader computes checksums (TUN_F_CSUM) */
};

/* One segment. Valid until the next call with the same splitter. */
struct grove_segment {
    struct iovec iov[GROVE_SEGMENT_IOVECS]; /* [0] is the virtio_net_hdr */
    int iovcnt;
    uint32_t len; /* L3 length in bytes, so without the header */
};

/*
 * A splitter at work. The fields are the library's. The headers in it are
 * those of the segment that grove_split_next() gave last.
 */
struct grove_split {
    const uint8_t *data; /* the input, and its length */
    uint32_t len;
    uint32_t count;    /* of segments; 0 after a failed begin */
    uint32_t next;     /* the number of the next one */
    bool gso;          /* a super-packet; else vnet counts, and no offset */
    uint8_t version;   /* 4 or 6 */
    uint8_t protocol;  /* TCP or UDP */
    uint8_t flags;     /* TCP: byte 13 as it came */
    bool csum_offload; /* as in the configuration */
    uint16_t base;     /* checksum field as it came, less its length */
    uint16_t id;       /* IPv4: of the first segment */
    uint32_t sequence; /* TCP: of the first segment */
    uint32_t l4;       /* offset of the TCP or UDP header */
    uint32_t payload;  /* offset of the L4 payload */
    uint32_t stripped; /* bytes behind the IPv6 header that go */
    struct grove_vnet vnet; /* of the input, as accepted */
    uint8_t wire[GROVE_VNET_LEN];
    uint8_t ip_header[60];
    uint8_t l4_header[60];
};

/*
 * Begins with the super-packet, or plain packet, `packet`. REJECTED and DROPPED
 * put the rule that says so into *rule and leave a splitter that gives no
 * segment; OK puts NONE there. `config->profile` must name a profile: else
 * REJECTED with NONE.
 */
GROVE_MUST_CHECK enum grove_split_result
grove_split_begin(struct grove_split *split,
                  const struct grove_split_config *config,
                  const struct grove_packet *packet, enum grove_rule *rule);

/*
 * The next segment, or false if there is none. Its headers live in `split`, its
 * payload in the caller's packet.
 */
bool grove_split_next(struct grove_split *split, struct grove_segment *segment);

/* How many segments are still to come. */
uint32_t grove_split_left(const struct grove_split *split);

#ifdef __cplusplus
}
#endif

#endif
