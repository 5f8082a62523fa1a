/* SPDX-License-Identifier: MIT */
/* An open TUN device. */
#ifndef GROVE_TUN_DEVICE_H
#define GROVE_TUN_DEVICE_H

#include <net/if.h>
#include <stdatomic.h>

#include "grove/split.h"
#include "grove/tun.h"
#include "policy.h"
#include "rule.h"
#include "tun/link.h"
#include "tun/system.h"

/* Room for the longest read: a header and the longest packet. */
enum { TUN_READ_MAX = GROVE_VNET_LEN_MAX + GROVE_MAX_PACKET_LEN };

/* Room for the longest write: a header, VLAN tags, and a super-packet. */
enum {
    TUN_WRITE_MAX =
        GROVE_VNET_LEN_MAX + LINK_WITH_TAGS_MAX + GROVE_DEFAULT_BYTES
};

/*
 * No known kernel raises a TCP gso_size from this on (VNET-015). It is the
 * least that is sent to a kernel that was not probed.
 */
enum { TUN_SAFE_GSO_SIZE = 8 };

/* One thread counts, any may look. */
typedef _Atomic uint64_t tun_counter;

static inline void tun_count(tun_counter *counter, uint64_t more)
{
    const uint64_t old = atomic_load_explicit(counter, memory_order_relaxed);

    atomic_store_explicit(counter, old + more, memory_order_relaxed);
}

/* What only the receiving thread of a queue uses. */
struct tun_reader {
    uint8_t *buffer; /* TUN_READ_MAX bytes */
    struct grove_split *split;
    bool told; /* TOO_SMALL was returned for the next segment */
    tun_counter skipped;
    tun_counter reads;
    tun_counter split_reads;
    tun_counter received;
    tun_counter received_bytes;
    tun_counter dropped[RULE_LIMIT];
};

/* What only the sending thread of a queue uses. */
struct tun_writer {
    uint8_t *buffer; /* TUN_WRITE_MAX bytes, for outputs of too many slices */
    struct grove_table *table;          /* NULL: nothing is pending */
    const struct grove_packet *packets; /* as given to grove_tun_send() */
    size_t count;                       /* of them */
    size_t pending;                     /* of them, not dealt with yet */
    size_t next_output;   /* of the table, the first that is not written */
    uint32_t next_packet; /* GROVE_NO_PACKET unless they go one by one */
    tun_counter writes;
    tun_counter sent;
    tun_counter sent_bytes;
    tun_counter merged;
    tun_counter refused;
    tun_counter discarded;
    tun_counter fallbacks;
    tun_counter not_merged[RULE_LIMIT];
};

/* Aligned, so that the two threads share no cache line. */
/* NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding) */
struct grove_tun_queue {
    struct grove_tun *tun;
    int fd;
    _Alignas(64) struct tun_reader reader;
    _Alignas(64) struct tun_writer writer;
};

/* What closing puts back. */
struct tun_before {
    bool header_set;   /* TUNSETVNETHDRSZ and TUNSETVNETLE were tried */
    int header_len;    /* in bytes, before that */
    int little_endian; /* not 0: TUNSETVNETLE was set before that */
    bool offload_set;  /* TUNSETOFFLOAD was tried */
};

struct grove_tun {
    const struct tun_system *system;
    char name[IFNAMSIZ];
    int index;
    uint32_t mtu; /* in bytes, when it was opened; 0: unknown */
    struct tun_link link;
    struct tun_before before;
    struct grove_config layers; /* link, vnet_len and tunnels, of packets */
    struct grove_tunnel tunnels[GROVE_MAX_TUNNELS]; /* that were asked for */
    bool headers;      /* IFF_VNET_HDR: packets have a virtio_net_hdr */
    bool shared;       /* another program had queues when it was opened */
    uint32_t offloads; /* GROVE_TUN_CSUM and so on */
    uint32_t capable;  /* protocols that can be coalesced: GROVE_TUN_TCP... */
    uint32_t wrong;    /* offloads whose super-packets are not sent */
    uint16_t min_tcp_gso_size;   /* of super-packets that are sent */
    _Atomic uint32_t coalescing; /* protocols that are coalesced now */
    uint32_t queue_count;
    struct grove_tun_queue queues[];
};

/* The result of a read or write that failed with this errno. */
enum grove_tun_result tun_result_of(int error);

/* Whether a write that fails so means: this packet never, now and later. */
bool tun_refuses(int error);

/* grove_tun_open() with these system calls; tests give their own. */
bool tun_open(const struct tun_system *system,
              const struct grove_tun_config *config, struct grove_tun **tun,
              struct grove_tun_error *error);

#endif
