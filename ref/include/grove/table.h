/* SPDX-License-Identifier: MIT */
/*
 * The GRO table: packets in, virtio-net super-packets out.
 *
 *     grove_receive() ... grove_receive()   the packets of a poll
 *     grove_flush()                         the end of the poll
 *     grove_to_write()                      what leaves, ready for writev(2)
 *     grove_clear()                         when it has been written
 *
 * Payload is never copied: outputs point into the caller's packets, which must
 * stay unchanged until grove_clear(). Packets are numbered from 0 in the order
 * of grove_receive() since the last grove_clear(). Each of them is in exactly
 * one output or was rejected.
 *
 * Conventions of all headers in grove/, unless a function says otherwise:
 *
 * Results.  A function that can fail returns an enum, whose 0 is success and
 *           whose other values each have one cause, and the result must be
 *           checked. A function that looks for something returns NULL, or
 *           GROVE_RULE_NONE or GROVE_NO_PACKET, if there is none.
 * Errors.   A function that fails changes nothing: its object is as before,
 *           and its output parameters (`*table`, `*split`) keep their values.
 * Words.    A function whose name ends in _words takes any value of its type,
 *           even one that the enum does not have.
 * NULL.     A pointer must not be NULL. Exceptions: the bytes of an empty
 *           packet, an array of no elements, and an object to be freed.
 * Memory.   Only *_new() and grove_tun_open() allocate. *_init() makes an
 *           object in memory of *_size() bytes that the caller owns.
 * Owners.   What the caller passes stays the caller's. A configuration is not
 *           used after the call that takes it. Packets are read until the
 *           object is done with them, and never written to. What a function
 *           returns a pointer to belongs to its object; strings are static.
 * Threads.  An object is used by one thread at a time, and may move between
 *           threads. Functions without an object are safe from any thread.
 * Units.    Lengths and offsets are in bytes. Fields of structures are in host
 *           byte order.
 */
#ifndef GROVE_TABLE_H
#define GROVE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "grove/iovec.h"
#include "grove/layer.h"
#include "grove/rule.h"
#include "grove/vnet.h"

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define GROVE_MUST_CHECK __attribute__((warn_unused_result))
#else
#define GROVE_MUST_CHECK
#endif

/* max_flows and max_packets when the configuration has 0 there. */
#define GROVE_DEFAULT_BATCH 128

/* The most flows and packets that a configuration may ask for. */
#define GROVE_MAX_FLOWS   65536
#define GROVE_MAX_PACKETS 1048576

/* The longest packet taken, in bytes: an IPv6 header and 65535 after it. */
#define GROVE_MAX_PACKET_LEN 65575

/* max_bytes when the configuration has 0 there, and the most it may have. */
#define GROVE_DEFAULT_BYTES 65535
#define GROVE_MAX_BYTES     524280

/* "No packet", where a packet's number is meant. */
#define GROVE_NO_PACKET UINT32_MAX

enum grove_error {
    GROVE_OK = 0,
    GROVE_E_CONFIG_FLOWS,    /* max_flows is over GROVE_MAX_FLOWS */
    GROVE_E_CONFIG_PACKETS,  /* max_packets is over GROVE_MAX_PACKETS */
    GROVE_E_CONFIG_PROFILE,  /* no row has the name, or what begins it */
    GROVE_E_MEMORY_SIZE,     /* fewer bytes than grove_*_size() says */
    GROVE_E_MEMORY_ALIGN,    /* memory not aligned as for malloc() */
    GROVE_E_ALLOCATION,      /* malloc() failed */
    GROVE_E_FULL,            /* max_packets were received: clear first */
    GROVE_E_HELD,            /* packets are held: flush first */
    GROVE_E_CONFIG_COLUMN,   /* the profile's name has a wrong column */
    GROVE_E_CONFIG_VALUE,    /* a column of it has an unknown value */
    GROVE_E_CONFIG_SPELLING, /* its spelling is not the canonical one */
    GROVE_E_CONFIG_LINK,     /* link is not one that is covered */
    GROVE_E_CONFIG_TUNNELS,  /* over GROVE_MAX_TUNNELS */
    GROVE_E_CONFIG_TUNNEL,   /* a tunnel is not one that is covered */
    GROVE_E_CONFIG_VNET_LEN, /* vnet_len is not one that is covered */
    GROVE_E_CONFIG_LOSSLESS, /* tunnels that lossless mode does not have */
    GROVE_E_CONFIG_BYTES,    /* max_bytes is not one that is covered */
    GROVE_E_CONFIG_BIG,      /* over 65535 and lossless, a link or tunnels */
    GROVE_E_CONFIG_FRAGLIST, /* not covered together with lists */
    GROVE_E_CONFIG_HASH      /* not covered together with hashes */
};

/* What the error means, in one line; a static string, never NULL. */
const char *grove_error_words(enum grove_error error);

enum grove_mode {
    GROVE_MODE_LINUX = 0, /* what the profile's kernel does, exactly */
    GROVE_MODE_LOSSLESS   /* only merges that a split undoes byte for byte */
};

/* All zero is a good configuration. */
struct grove_config {
    const char *profile;  /* "linux-6.18"; NULL: the newest; grove/profile.h */
    uint32_t max_flows;   /* held before the oldest is evicted; 0: 128 */
    uint32_t max_packets; /* between two clears; 0: 128, or max_flows */
    enum grove_mode mode;
    bool no_udp;       /* pass UDP, coalesce TCP only */
    bool csum_trusted; /* L4 checksums were verified before */
    uint64_t seed;     /* of the flow hash; 0: random; outputs are the same */
    enum grove_link link;
    /*
     * The tunnels that end here; copied. In lossless mode they must be over
     * UDP, link GROVE_LINK_ETHERNET, vnet_len GROVE_VNET_TUNNEL_LEN, and the
     * profile one with takes_tunnels and checks_csum_start.
     */
    const struct grove_tunnel *tunnels;
    uint32_t tunnel_count; /* up to GROVE_MAX_TUNNELS */
    uint8_t vnet_len;      /* of virtio headers, in bytes; 0: GROVE_VNET_LEN; or
                            * another length that grove/vnet.h names */
    /*
     * Of a super-packet, without the jumbo header; 0: GROVE_DEFAULT_BYTES, or
     * more, up to GROVE_MAX_BYTES, in GROVE_MODE_LINUX without a link and
     * tunnels.
     */
    uint32_t max_bytes;
    /*
     * Coalesce into lists of packets, as a kernel with rx-gro-list: UDP even
     * with no_udp, and TCP if the profile has lists_tcp. Each packet of
     * a list is an output of its own, and those of a list follow one another.
     * Only in linux mode, with link GROVE_LINK_NONE, without tunnels, and with
     * the usual max_bytes.
     */
    bool fraglist;
    /*
     * Packets have hashes, as those that a network card with RSS receives.
     * Then there are GROVE_BUCKETS buckets, as in a kernel, and up to max_flows
     * are held in each: the table takes that much more memory. Only in linux
     * mode, without fraglist, and with the usual max_bytes.
     */
    bool hash;
};

/* The buckets of a table with `hash`. */
#define GROVE_BUCKETS 8

/* A packet as the caller has it. It is never written to. */
struct grove_packet {
    const uint8_t *data; /* from the first byte of the link, or of IP */
    size_t len;          /* in bytes */
    const uint8_t *vnet; /* its vnet_len bytes; NULL: all zero */
    uint32_t hash;       /* as the device gave it; read with config.hash only */
};

enum grove_verdict {
    GROVE_HELD,    /* it began a super-packet */
    GROVE_MERGED,  /* it went into a held super-packet */
    GROVE_PASSED,  /* it left at once, unmodified */
    GROVE_REJECTED /* it is in no output: the kernel's write fails */
};

/*
 * "held", "merged", "passed" or "rejected"; "unknown verdict" for a value that
 * is not a verdict. A static string, never NULL.
 */
const char *grove_verdict_words(enum grove_verdict verdict);

/* What happened to a packet. */
struct grove_fate {
    enum grove_verdict verdict;
    enum grove_rule rule; /* what kept it from merging, or NONE */
};

/* One packet to write. Valid until grove_clear(). */
struct grove_output {
    const struct iovec *iov; /* [0] is the virtio_net_hdr */
    int iovcnt;              /* at most packets + 4, in a tunnel 8; and one
                              * more behind VLAN tags */
    uint32_t len;            /* in bytes, without the virtio header */
    uint32_t packets;        /* received packets inside */
    uint32_t first;          /* the first one's number */
    enum grove_rule rule;    /* why it left the table; NONE if passed */
    uint32_t rest;           /* with fraglist: so many more, which follow, are
                              * of the same list; else 0 */
};

struct grove_table;

/*
 * Bytes of memory that a table of this configuration takes, or 0 if the
 * configuration is wrong.
 */
size_t grove_table_size(const struct grove_config *config);

/*
 * Makes a table in the caller's `memory` of `size` bytes, aligned as by
 * malloc(). The table is `memory` itself, needs no release, and must not be
 * moved. Errors: GROVE_E_CONFIG_*, GROVE_E_MEMORY_*, and GROVE_E_ALLOCATION for
 * memory that is NULL, as a failed malloc() gives it.
 */
GROVE_MUST_CHECK enum grove_error
grove_table_init(void *memory, size_t size, const struct grove_config *config,
                 struct grove_table **table);

/* As grove_table_init(), by one malloc(); release with grove_table_free(). */
GROVE_MUST_CHECK enum grove_error
grove_table_new(const struct grove_config *config, struct grove_table **table);

/* Releases a table of grove_table_new(). NULL is allowed. */
void grove_table_free(struct grove_table *table);

/* Takes one packet. Error: GROVE_E_FULL. */
GROVE_MUST_CHECK enum grove_error
grove_receive(struct grove_table *table, const struct grove_packet *packet);

/* Ends the poll: every held packet leaves, by bucket, the oldest first. */
void grove_flush(struct grove_table *table);

/*
 * A whole poll: receives `count` packets, then flushes. Error: GROVE_E_FULL,
 * and then none was taken.
 */
GROVE_MUST_CHECK enum grove_error
grove_coalesce(struct grove_table *table, const struct grove_packet *packets,
               size_t count);

/*
 * What has left the table since the last grove_clear(), in order; their number
 * goes to *count. More may follow while packets are held.
 */
const struct grove_output *grove_to_write(const struct grove_table *table,
                                          size_t *count);

/*
 * The number of the packet that follows packet `number` inside its output, or
 * GROVE_NO_PACKET after the last one or if there is no packet `number`.
 */
uint32_t grove_next_packet(const struct grove_table *table, uint32_t number);

/* Packets received since the last grove_clear(). */
uint32_t grove_received(const struct grove_table *table);

/* Packets in the table that have not left it yet. */
uint32_t grove_held(const struct grove_table *table);

/*
 * What happened to packet `number`; rejected with no rule if there is no such
 * packet.
 */
struct grove_fate grove_fate_of(const struct grove_table *table,
                                uint32_t number);

/*
 * How often the rule has decided since init; 0 for a value that is not a rule.
 */
uint64_t grove_rule_count(const struct grove_table *table,
                          enum grove_rule rule);

/*
 * Forgets all outputs and packets, so that the caller may reuse their memory.
 * Rule counts stay. Error: GROVE_E_HELD.
 */
GROVE_MUST_CHECK enum grove_error grove_clear(struct grove_table *table);

/*
 * Whether the table has the link and the length of virtio headers of *config,
 * looks into no other tunnels than those of *config, and makes no longer
 * super-packets. The other fields of *config have no effect.
 */
bool grove_table_fits(const struct grove_table *table,
                      const struct grove_config *config);

/*
 * The names of SPEC.md's rows, oldest kernel first, ended by NULL; static.
 * grove/profile.h has the names of all profiles.
 */
const char *const *grove_profiles(void);

/*
 * Puts into *in_kernel whether the kernel of the profile has the rule; NULL
 * names the newest profile. It is false for a rule that is ours alone, and for
 * a value that is not a rule. The errors are those of grove_profile_values().
 */
GROVE_MUST_CHECK enum grove_error grove_rule_in_kernel(enum grove_rule rule,
                                                       const char *profile,
                                                       bool *in_kernel);

/* The version of this library, "major.minor.patch"; a static string. */
const char *grove_version(void);

#ifdef __cplusplus
}
#endif

#endif
