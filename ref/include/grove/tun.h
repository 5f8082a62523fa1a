/* SPDX-License-Identifier: MIT */
/*
 * A TUN device: super-packets that come out of it are split, packets that go
 * into it are coalesced. Linux only, and a library of its own: grove-tun.
 *
 *     grove_tun_open()      a new device, an existing one, or descriptors
 *     grove_tun_queue()     its queues; each is one descriptor to poll
 *     grove_tun_recv()      one read, as packets in the caller's buffers
 *     grove_tun_send()      a batch of packets, coalesced, without a copy
 *     grove_tun_close()
 *
 * Threads: one thread may receive from a queue while another one sends to it;
 * what both would use is apart or atomic. Two threads must not receive from the
 * same queue, nor send to it, at a time, and a table belongs to one thread.
 * What reads or switches a whole device is safe from any thread. Open and
 * close stand alone.
 *
 * Nothing is allocated after grove_tun_open(). Nothing is lost in silence:
 * every packet of a read is given to the caller or counted by the rule that
 * dropped it, and every packet taken by grove_tun_send() is sent, refused by
 * the kernel, discarded by the caller or pending, and counted as such.
 */
#ifndef GROVE_TUN_H
#define GROVE_TUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "grove/rule.h"
#include "grove/table.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The most queues of a device: Linux's MAX_TAP_QUEUES. */
#define GROVE_TUN_MAX_QUEUES 256

/* An address of the device, and the length of its network's prefix. */
struct grove_tun_address {
    int family;        /* AF_INET or AF_INET6 */
    uint8_t bytes[16]; /* in network order; the first 4 of them for AF_INET */
    uint8_t prefix;    /* in bits, at most 32 or 128 */
};

enum grove_tun_link {
    GROVE_TUN_LINK_KEEP = 0, /* as it is: a new device is down */
    GROVE_TUN_LINK_UP,
    GROVE_TUN_LINK_DOWN
};

/*
 * How to open a device; all zero is a good configuration. Nothing of it is
 * used after grove_tun_open() has returned.
 */
struct grove_tun_config {
    const char *name;    /* or a pattern with one %d; NULL: "tun%d" */
    const char *netns;   /* the path of a network namespace; NULL: this one */
    const char *profile; /* whose splitting; as in struct grove_config */
    const int *fds;      /* adopt these, one for each queue; NULL: open */
    size_t fd_count;     /* of fds */
    uint32_t queues;     /* IFF_MULTI_QUEUE and so many; 0: one, without it */
    uint32_t mtu;        /* in bytes; 0: as it is, of a new device 1500 */
    const struct grove_tun_address *addresses; /* to be added */
    size_t address_count;
    const uid_t *owner; /* who may attach without CAP_NET_ADMIN; NULL: keep */
    const gid_t *group; /* likewise */
    enum grove_tun_link link;
    bool no_offload;   /* whole packets only; clears a mask that was set */
    bool non_blocking; /* recv and send answer GROVE_TUN_AGAIN */
    bool persistent;   /* outlives its last descriptor; false: as it is */
};

/*
 * The steps of grove_tun_open(), in order, save that a lower MTU is set just
 * before STATE: what can fail comes before what cannot well be undone.
 */
enum grove_tun_step {
    GROVE_TUN_STEP_NONE = 0,
    GROVE_TUN_STEP_CONFIG,    /* the configuration contradicts itself */
    GROVE_TUN_STEP_PROFILE,   /* no profile has the name */
    GROVE_TUN_STEP_MEMORY,    /* malloc() */
    GROVE_TUN_STEP_KIND,      /* adopted: no TUN, with IFF_PI, not all one */
    GROVE_TUN_STEP_NAMESPACE, /* entering the network namespace, in a thread */
    GROVE_TUN_STEP_NETLINK,   /* a netlink socket */
    GROVE_TUN_STEP_NODE,      /* open() of /dev/net/tun */
    GROVE_TUN_STEP_ATTACH,    /* TUNSETIFF: the device, or one queue more */
    GROVE_TUN_STEP_LINK,      /* the device's index, MTU and state */
    GROVE_TUN_STEP_MTU,
    GROVE_TUN_STEP_ADDRESS,
    GROVE_TUN_STEP_OWNER,
    GROVE_TUN_STEP_GROUP,
    GROVE_TUN_STEP_STATE,    /* up or down */
    GROVE_TUN_STEP_HEADER,   /* TUNSETVNETHDRSZ, TUNSETVNETLE */
    GROVE_TUN_STEP_OFFLOAD,  /* TUNSETOFFLOAD takes not even an empty mask */
    GROVE_TUN_STEP_BLOCKING, /* O_NONBLOCK of an adopted descriptor */
    GROVE_TUN_STEP_PERSIST
};

/* Why grove_tun_open() failed. */
struct grove_tun_error {
    enum grove_tun_step step;
    int number;   /* an errno */
    size_t index; /* KIND, NODE, ATTACH, BLOCKING: of the queue; ADDRESS */
};

/* What the step does, in a few words; a static string, never NULL. */
const char *grove_tun_step_words(enum grove_tun_step step);

struct grove_tun;
struct grove_tun_queue;

/*
 * Opens a device, configures it and probes what its kernel can do. On success
 * adopted descriptors belong to the device. On failure *error says why, no
 * descriptor is left open, adopted ones are still the caller's, a new device is
 * gone, and of one that was there MTU, addresses and state are what they were.
 * NULL is in *tun then.
 */
GROVE_MUST_CHECK bool grove_tun_open(const struct grove_tun_config *config,
                                     struct grove_tun **tun,
                                     struct grove_tun_error *error);

/*
 * Closes all queues; a device that is not persistent is gone. Packets that are
 * pending or not yet received are lost. NULL is allowed.
 */
void grove_tun_close(struct grove_tun *tun);

/* Makes the device outlive its descriptors, or not. Error: an errno, else 0. */
GROVE_MUST_CHECK int grove_tun_set_persistent(struct grove_tun *tun,
                                              bool persistent);

/*
 * The name and the interface index of the device; the name is the device's. The
 * index is 0 if the device was adopted without the right to look at it.
 */
const char *grove_tun_name(const struct grove_tun *tun);
int grove_tun_index(const struct grove_tun *tun);

/* How many queues the device was opened with. */
uint32_t grove_tun_queues(const struct grove_tun *tun);

/* Queue `number`, which belongs to the device; NULL if there is none. */
struct grove_tun_queue *grove_tun_queue(struct grove_tun *tun, uint32_t number);

/*
 * The queue's descriptor, for poll(2) and the like: readable when a read would
 * give something, POLLERR when the device is gone.
 */
int grove_tun_fd(const struct grove_tun_queue *queue);

/* What the kernel takes and was told that we take; bits. */
#define GROVE_TUN_CSUM    1U  /* checksums that are yet to be computed */
#define GROVE_TUN_TSO4    2U  /* TCP super-packets over IPv4 */
#define GROVE_TUN_TSO6    4U  /* over IPv6 */
#define GROVE_TUN_TSO_ECN 8U  /* of connections that use ECN */
#define GROVE_TUN_USO     16U /* UDP super-packets: TUN_F_USO4 | TUN_F_USO6 */

/* Of these the device's; 0 if opened with no_offload or without headers. */
uint32_t grove_tun_offloads(const struct grove_tun *tun);

/* Protocols that grove_tun_send() coalesces; bits. */
#define GROVE_TUN_TCP 1U
#define GROVE_TUN_UDP 2U

/*
 * Switches coalescing on for the protocols of the mask and off for others,
 * from the next output on. What the kernel cannot take stays off: TCP needs
 * CSUM, TSO4, TSO6 and TSO_ECN, UDP needs USO.
 */
void grove_tun_set_coalescing(struct grove_tun *tun, uint32_t protocols);

/*
 * What is coalesced now. A protocol whose super-packet the kernel refused has
 * been switched off.
 */
uint32_t grove_tun_coalescing(const struct grove_tun *tun);

/* What became of a grove_tun_recv() or a grove_tun_send(). */
enum grove_tun_result {
    GROVE_TUN_OK = 0,
    GROVE_TUN_AGAIN,       /* EAGAIN: not now, poll first */
    GROVE_TUN_INTERRUPTED, /* recv, EINTR: a signal came */
    GROVE_TUN_NO_MEMORY,   /* ENOBUFS, ENOMEM: the kernel has none now */
    GROVE_TUN_DOWN,        /* EIO, ENETDOWN: the device is down */
    GROVE_TUN_GONE,      /* EBADFD; recv also EFAULT: the device was deleted */
    GROVE_TUN_SYSTEM,    /* anything else, in errno */
    GROVE_TUN_TOO_SMALL, /* recv: the first buffer is; nothing was received */
    GROVE_TUN_PENDING,   /* send: nothing was taken, since others wait */
    GROVE_TUN_TABLE      /* send: nothing was taken, table not empty or full */
};

/* What the result means, in a few words; a static string, never NULL. */
const char *grove_tun_result_words(enum grove_tun_result result);

/*
 * A place for one packet. What is sent over a path of MTU m needs m bytes; for
 * anything, GROVE_MAX_PACKET_LEN.
 */
struct grove_tun_buffer {
    uint8_t *data;
    size_t size; /* of the memory at `data`, in bytes */
    size_t len;  /* of the packet that was put there */
};

/*
 * Receives packets into `buffers`, each behind `headroom` bytes that are left
 * alone, and their number into *received. Checksums are complete and right
 * wherever the sender left them to us. What did not find a buffer comes with
 * the next calls, which read again only when all is given. OK with none
 * received: a read was dropped, by a rule that the statistics name.
 *
 * TOO_SMALL puts the length that buffers[0] would need behind the headroom into
 * buffers[0].len; the packet waits for the next call. Any other error leaves
 * everything as it was.
 */
GROVE_MUST_CHECK enum grove_tun_result
grove_tun_recv(struct grove_tun_queue *queue, struct grove_tun_buffer *buffers,
               size_t count, size_t headroom, size_t *received);

/*
 * Sends packets: coalesces them with `table`, which must be empty, and writes
 * what leaves it. What the kernel refuses with EINVAL as a super-packet is sent
 * packet by packet, and coalescing of its protocol is switched off; what it
 * refuses alone is counted as refused. EINTR is tried again.
 *
 * OK: all are dealt with. PENDING, TABLE: none was taken. Any other error keeps
 * the rest in the queue, for grove_tun_resume(), as often as it takes, or
 * grove_tun_discard(): until one of these has emptied it, the packets, their
 * array and the table must stay as they are.
 */
GROVE_MUST_CHECK enum grove_tun_result
grove_tun_send(struct grove_tun_queue *queue, struct grove_table *table,
               const struct grove_packet *packets, size_t count);

/* Goes on with what is pending. Results as of grove_tun_send(). */
GROVE_MUST_CHECK enum grove_tun_result
grove_tun_resume(struct grove_tun_queue *queue);

/* Packets that are pending; for the sending thread, as the next one. */
size_t grove_tun_pending(const struct grove_tun_queue *queue);

/* Gives up what is pending; returns the number of packets lost. */
size_t grove_tun_discard(struct grove_tun_queue *queue);

/* What happened since the device was opened; bytes are of L3. */
struct grove_tun_stats {
    uint64_t reads;          /* that gave something */
    uint64_t split;          /* reads that were super-packets, and were split */
    uint64_t received;       /* packets, given to the caller */
    uint64_t received_bytes; /* of them */
    uint64_t writes;         /* that took something */
    uint64_t sent;           /* packets, as the caller gave them */
    uint64_t sent_bytes;     /* of what was written */
    uint64_t merged;         /* of `sent`, those written with others in one */
    uint64_t refused;        /* packets that the kernel would not have */
    uint64_t discarded;      /* packets, by grove_tun_discard() */
    uint64_t fallbacks;      /* super-packets that the kernel would not have */
};

/* The sum over all queues; each number may be older than the next one. */
void grove_tun_stats(const struct grove_tun *tun,
                     struct grove_tun_stats *stats);

/*
 * How many reads the rule has dropped since the device was opened. A dropped
 * read gives no packet. 0 for a value that is no rule.
 */
uint64_t grove_tun_dropped(const struct grove_tun *tun, enum grove_rule rule);

/*
 * How many packets the rule has kept from merging since the device was opened.
 * They were sent all the same, or refused. 0 for a value that is no rule.
 */
uint64_t grove_tun_not_merged(const struct grove_tun *tun,
                              enum grove_rule rule);

#ifdef __cplusplus
}
#endif

#endif
