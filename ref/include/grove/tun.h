/* SPDX-License-Identifier: MIT */
/*
 * A TUN or TAP device. Super-packets that are read from it are split, and
 * packets that are written to it are coalesced. This is Linux only, and a
 * library of its own: grove-tun. "TUN" means either in names and words that say
 * nothing of TAP.
 *
 *     grove_tun_probe()     finds out what the kernel does to super-packets
 *     grove_tun_open()      opens a new device, an existing one, or descriptors
 *     grove_tun_layers()    what tables that send to it have
 *     grove_tun_queue()     its queues; each is one descriptor to poll
 *     grove_tun_recv()      one read, as packets in the caller's buffers
 *     grove_tun_send()      sends a batch of packets, coalesced, without a copy
 *     grove_tun_put()       collects one packet, for grove_tun_flush()
 *     grove_tun_close()
 *
 * Threads: one thread may receive from a queue while another one sends to it.
 * Two threads must not receive from the same queue at a time, nor send to it. A
 * table belongs to one thread. The functions that take a struct grove_tun may
 * be called from any thread, except grove_tun_close(): no other call may run
 * then.
 *
 * Nothing is allocated after grove_tun_open(). No packet is lost silently.
 * Every read becomes packets, which are given to the caller or skipped, or is
 * counted by the rule that dropped it. Every packet that grove_tun_send() takes
 * is sent, refused by the kernel, discarded by the caller or pending, and is
 * counted as such.
 *
 * A program that handles one packet at a time collects what it writes by
 * grove_tun_put(), and calls grove_tun_flush() at the end of each turn of its
 * event loop: ref/README.md describes it.
 *
 * The conventions are those of grove/table.h. A struct grove_tun_queue belongs
 * to its device, and ends with it.
 */
#ifndef GROVE_TUN_H
#define GROVE_TUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "grove/profile.h"
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
    uint8_t bytes[16]; /* in network order; AF_INET uses the first 4 */
    uint8_t prefix;    /* in bits, at most 32 or 128 */
};

enum grove_tun_link {
    GROVE_TUN_LINK_KEEP = 0, /* is not changed; a new device is down */
    GROVE_TUN_LINK_UP,
    GROVE_TUN_LINK_DOWN
};

/*
 * How to open a device. All zero is a good configuration. grove_tun_open()
 * keeps no pointer of it.
 *
 * At a TAP, virtio headers have GROVE_VNET_TUNNEL_LEN bytes if the kernel has
 * super-packets in tunnels, as Linux 6.17 and later do. Else, and at a TUN,
 * they have GROVE_VNET_LEN bytes, and nothing is coalesced in tunnels. Virtio
 * headers tell of tunnels over UDP only, behind an Ethernet header.
 */
struct grove_tun_config {
    const char *name;    /* or one %d in it; NULL: "tun%d" or "tap%d" */
    const char *netns;   /* the path of a network namespace; NULL: this one */
    const char *profile; /* for splitting; NULL: that of the running kernel */
    const struct grove_tun_kernel *kernel; /* what is known; NULL: nothing */
    const int *fds;  /* adopt these, one for each queue; NULL: open */
    size_t fd_count; /* number of fds */
    uint32_t queues; /* number, with IFF_MULTI_QUEUE; 0: one, without */
    uint32_t mtu;    /* of L3; 0: do not change it; a new one has 1500 */
    const struct grove_tun_address *addresses; /* to add */
    size_t address_count;
    const uid_t *owner; /* may attach without CAP_NET_ADMIN; NULL: no change */
    const gid_t *group; /* likewise */
    const struct grove_tunnel *tunnels; /* of a TAP, that end at the host */
    uint32_t tunnel_count;              /* up to GROVE_MAX_TUNNELS */
    enum grove_tun_link link;
    bool tap;               /* Ethernet frames; false: a TUN, with IP packets */
    bool no_offload;        /* neither take nor give super-packets */
    bool no_tunnel_offload; /* none that are in tunnels; short headers */
    bool non_blocking;      /* recv and send return GROVE_TUN_AGAIN */
    bool persistent;        /* outlives its last descriptor; false: no change */
};

/*
 * The steps of grove_tun_open(), in order. An MTU that is lower than before is
 * set just before STATE, since IPv6 addresses that it removes do not return.
 */
enum grove_tun_step {
    GROVE_TUN_STEP_NONE = 0,
    GROVE_TUN_STEP_CONFIG,    /* the configuration contradicts itself */
    GROVE_TUN_STEP_PROFILE,   /* no profile has the name */
    GROVE_TUN_STEP_MEMORY,    /* malloc() */
    GROVE_TUN_STEP_KIND,      /* adopted: other kind, no IFF_NO_PI, two */
    GROVE_TUN_STEP_NAMESPACE, /* entering the network namespace, in a thread */
    GROVE_TUN_STEP_NETLINK,   /* opening a netlink socket */
    GROVE_TUN_STEP_NODE,      /* open() of /dev/net/tun */
    GROVE_TUN_STEP_ATTACH,    /* TUNSETIFF: the device, or one more queue */
    GROVE_TUN_STEP_LINK,      /* reading the device's index, MTU and state */
    GROVE_TUN_STEP_MTU,
    GROVE_TUN_STEP_ADDRESS,
    GROVE_TUN_STEP_OWNER,
    GROVE_TUN_STEP_GROUP,
    GROVE_TUN_STEP_STATE,    /* up or down */
    GROVE_TUN_STEP_HEADER,   /* TUNSETVNETHDRSZ, TUNSETVNETLE; EBUSY: shared */
    GROVE_TUN_STEP_OFFLOAD,  /* TUNSETOFFLOAD, even with an empty mask */
    GROVE_TUN_STEP_BLOCKING, /* O_NONBLOCK of an adopted descriptor */
    GROVE_TUN_STEP_PERSIST,
    GROVE_TUN_STEP_REDIRECT, /* grove_tun_probe(): joining two devices */
    GROVE_TUN_STEP_PACKET    /* grove_tun_probe(): reading or writing one */
};

/* The causes of failures. Each has its words, and one remedy. */
enum grove_tun_cause {
    GROVE_TUN_CAUSE_UNKNOWN = 0, /* only the errno is known */
    /* CONFIG and PROFILE */
    GROVE_TUN_CAUSE_NAME_LENGTH,  /* more than 15 characters */
    GROVE_TUN_CAUSE_NAME,         /* no interface can have this name */
    GROVE_TUN_CAUSE_QUEUES,       /* 0, or over GROVE_TUN_MAX_QUEUES */
    GROVE_TUN_CAUSE_FDS,          /* one twice, or with a name or queues */
    GROVE_TUN_CAUSE_FAMILY,       /* of an address, or its prefix */
    GROVE_TUN_CAUSE_IP6_MTU,      /* an address of IPv6, an MTU under 1280 */
    GROVE_TUN_CAUSE_NOBODY,       /* owner or group is -1 */
    GROVE_TUN_CAUSE_LINK_VALUE,   /* no enum grove_tun_link */
    GROVE_TUN_CAUSE_TUNNELS,      /* too many, or one that no table takes */
    GROVE_TUN_CAUSE_NOT_OVER_UDP, /* a tunnel that no virtio header tells of */
    GROVE_TUN_CAUSE_NOT_AT_A_TAP, /* tunnels at a TUN, which carries none */
    GROVE_TUN_CAUSE_PROFILE,
    /* Rights */
    GROVE_TUN_CAUSE_RIGHTS,    /* CAP_NET_ADMIN is missing */
    GROVE_TUN_CAUSE_OWNER,     /* the device has another owner */
    GROVE_TUN_CAUSE_NETNS_TO,  /* CAP_SYS_ADMIN is missing, for the namespace */
    GROVE_TUN_CAUSE_NODE_MODE, /* the node's mode forbids it */
    GROVE_TUN_CAUSE_NODE_CGROUP, /* the container may not use the node */
    /* /dev/net/tun */
    GROVE_TUN_CAUSE_NODE_MISSING,
    GROVE_TUN_CAUSE_NODE_FOLDER,
    GROVE_TUN_CAUSE_NODE_FILE,   /* of another kind, or another driver's */
    GROVE_TUN_CAUSE_NODE_DRIVER, /* the driver is not there */
    GROVE_TUN_CAUSE_NODE_MOUNT,  /* on a file system mounted with nodev */
    /* The device */
    GROVE_TUN_CAUSE_KIND,         /* it is neither a TUN nor a TAP */
    GROVE_TUN_CAUSE_TAP,          /* it is a TAP, which was not asked for */
    GROVE_TUN_CAUSE_TUN,          /* it is a TUN, a TAP was asked for */
    GROVE_TUN_CAUSE_PI,           /* it was attached without IFF_NO_PI */
    GROVE_TUN_CAUSE_MULTI_QUEUE,  /* it has IFF_MULTI_QUEUE: set queues */
    GROVE_TUN_CAUSE_SINGLE_QUEUE, /* it lacks it: queues must be 0 */
    GROVE_TUN_CAUSE_BUSY,         /* another program has it */
    GROVE_TUN_CAUSE_TOO_MANY,     /* queues are attached to it */
    GROVE_TUN_CAUSE_HEADERS,      /* another program chose others */
    GROVE_TUN_CAUSE_DELETED,      /* meanwhile */
    /* Adopted descriptors */
    GROVE_TUN_CAUSE_CLOSED,   /* the descriptor is not open */
    GROVE_TUN_CAUSE_NO_TUN,   /* it is not of a TUN */
    GROVE_TUN_CAUSE_DETACHED, /* it is attached to no device */
    GROVE_TUN_CAUSE_MIXED,    /* descriptors of more than one device */
    /* Settings */
    GROVE_TUN_CAUSE_NETNS_MISSING,
    GROVE_TUN_CAUSE_NETNS_KIND, /* the file is not one */
    GROVE_TUN_CAUSE_MTU,        /* under 68 or over 65535; a TAP: 65521 */
    GROVE_TUN_CAUSE_IP6_OFF,    /* IPv6 is disabled on the device */
    GROVE_TUN_CAUSE_IP6_NONE,   /* the kernel has no IPv6 */
    GROVE_TUN_CAUSE_ADDRESS,    /* a host cannot have it */
    /* grove_tun_probe() */
    GROVE_TUN_CAUSE_REDIRECT /* the kernel cannot redirect packets */
};

/*
 * What the cause is, in a few words, and one remedy, for people; "unknown
 * cause" and "see the errno" for GROVE_TUN_CAUSE_UNKNOWN and for a value that
 * is not a cause. Static strings, never NULL.
 */
const char *grove_tun_cause_words(enum grove_tun_cause cause);
const char *grove_tun_remedy_words(enum grove_tun_cause cause);

/* Whether rights are missing: another user could do it. */
bool grove_tun_cause_is_rights(enum grove_tun_cause cause);

/* Why grove_tun_open() or grove_tun_probe() failed. */
struct grove_tun_error {
    enum grove_tun_step step;
    enum grove_tun_cause cause;
    int number;   /* an errno; EINVAL of CONFIG and PROFILE */
    size_t index; /* KIND, NODE, ATTACH, BLOCKING: queue; ADDRESS: address */
};

/*
 * What the step does, in a few words; "unknown step" for a value that is not a
 * step. A static string, never NULL.
 */
const char *grove_tun_step_words(enum grove_tun_step step);

/* Offloads that the kernel takes, and that we take from it; bits. */
#define GROVE_TUN_CSUM    1U  /* checksums that are not computed yet */
#define GROVE_TUN_TSO4    2U  /* TCP super-packets over IPv4 */
#define GROVE_TUN_TSO6    4U  /* over IPv6 */
#define GROVE_TUN_TSO_ECN 8U  /* of connections that use ECN */
#define GROVE_TUN_USO     16U /* UDP super-packets: TUN_F_USO4 | TUN_F_USO6 */
/*
 * Super-packets in tunnels over UDP: TUN_F_UDP_TUNNEL_GSO and its _CSUM, with
 * headers of GROVE_VNET_TUNNEL_LEN bytes, at a TAP. Linux 6.17 and later have
 * them.
 */
#define GROVE_TUN_TUNNEL 32U

/*
 * What the kernel did to a super-packet, other than to cut it into the segments
 * that the splitter makes.
 */
enum grove_tun_symptom {
    GROVE_TUN_SYMPTOM_NONE = 0,
    GROVE_TUN_SYMPTOM_REFUSED,  /* the write failed: `number` */
    GROVE_TUN_SYMPTOM_SILENCE,  /* nothing came any more, nor a plain packet */
    GROVE_TUN_SYMPTOM_LOST,     /* no segment came */
    GROVE_TUN_SYMPTOM_SEGMENTS, /* of another number, or of other lengths */
    GROVE_TUN_SYMPTOM_ORDER,    /* the right segments in another order */
    GROVE_TUN_SYMPTOM_HEADER,   /* another byte in a header: `segment`... */
    GROVE_TUN_SYMPTOM_CHECKSUM, /* another checksum, and nothing else */
    GROVE_TUN_SYMPTOM_PAYLOAD   /* another byte of payload */
};

/*
 * What was seen, in a few words; "unknown symptom" for a value that is not a
 * symptom. A static string, never NULL.
 */
const char *grove_tun_symptom_words(enum grove_tun_symptom symptom);

/* A super-packet that the kernel got wrong. */
struct grove_tun_finding {
    uint32_t offload;   /* one bit, GROVE_TUN_TSO4 or another */
    const char *packet; /* what was written, in a few words; static */
    enum grove_tun_symptom symptom;
    int number;        /* REFUSED: an errno */
    uint32_t expected; /* segments */
    uint32_t seen;     /* segments */
    uint32_t segment;  /* HEADER, CHECKSUM, PAYLOAD: which one, from 0 on */
    uint32_t offset;   /* in that segment, of the first such byte */
};

/* The most findings of a probe. */
#define GROVE_TUN_MAX_FINDINGS 16

/* What is known of the running kernel, by grove_tun_probe(). */
struct grove_tun_kernel {
    uint32_t tried; /* offloads that it takes: bits, GROVE_TUN_TSO4... */
    uint32_t wrong; /* those of them that it gets wrong */
    struct grove_tun_finding findings[GROVE_TUN_MAX_FINDINGS];
    size_t finding_count;
    bool own_namespace; /* the devices were not in the caller's */
    /* Columns of the kernel's profile that concern a writer: SPEC.md, 2. */
    uint16_t min_tcp_gso_size;
    bool takes_uso;
    bool checks_csum_start;
    bool dissects;
    bool takes_tunnels;
};

/*
 * Asks the running kernel what it does to super-packets. Some kernels take an
 * offload by TUNSETOFFLOAD, and then refuse its super-packets or spoil them:
 * see vectors/DEFECTS.md. The probe opens two devices, redirects each packet
 * that is written to one into the other, writes a few super-packets of each
 * offload, and compares what it reads with what the splitter makes of them. A
 * plain packet follows each super-packet. Once it arrives, segments that did
 * not come before it are lost, so nothing is waited for. The probe cannot show
 * what the driver of another device does to a super-packet. The devices are
 * TUNs, and then TAPs for super-packets in VXLAN. A kernel before Linux 6.17
 * has none of these, so nothing is written to its TAPs.
 *
 * Give *kernel to grove_tun_open(). grove_tun_send() then sends packets one by
 * one where the kernel would get their super-packet wrong. After SILENCE all
 * offloads that were not tried yet count as wrong.
 *
 * It takes a few milliseconds in a network namespace of its own, which needs
 * CAP_SYS_ADMIN as unshare(2) says. Without this right the devices,
 * "groveprobe%d", are in the caller's namespace for a moment, and removing them
 * takes some 50 ms. Only silence takes longer: two seconds. All happens in a
 * thread that ends before this returns. The caller's namespaces, descriptors
 * and signals are not touched. The memory is that of two devices, and is
 * released. Any thread may call it at any time.
 *
 * It needs the rights of opening a device, and sch_ingress, cls_bpf and
 * act_mirred of the kernel. If it fails, *error says why as that of
 * grove_tun_open(), and *kernel is unchanged: open devices without it then.
 */
GROVE_MUST_CHECK bool grove_tun_probe(struct grove_tun_kernel *kernel,
                                      struct grove_tun_error *error);

/*
 * Puts the name of the running kernel's profile into `name`, for tables that
 * send to it. It is the row of the newest series that is not newer than the
 * kernel, as uname(2) names that, with the columns that *kernel knows. NULL: no
 * column is known better than by the series. Where releases of a series differ,
 * its row is that of the newest, which refuses and changes most; and takes_uso
 * says whether the series has TUN_F_USO4, as Linux 6.2 and later have. A value
 * of *kernel that no known kernel has is left out.
 *
 * A table with this profile rejects what the kernel would refuse. In lossless
 * mode it makes UDP super-packets only if the kernel takes them.
 */
void grove_tun_profile(const struct grove_tun_kernel *kernel,
                       char name[GROVE_PROFILE_NAME_SIZE]);

struct grove_tun;
struct grove_tun_queue;

/*
 * Opens a device, configures it and finds out which offloads its kernel
 * accepts.
 * On success *tun is the device, grove_tun_close() releases it, adopted
 * descriptors belong to it, and *error is all zero. If the device is up,
 * packets to its addresses are received: Linux needs some milliseconds for an
 * address of IPv6, and grove_tun_open() waits for at most a second.
 *
 * On failure *tun is NULL and *error says why. No descriptor is left open, and
 * adopted ones are still the caller's. A new device is gone. An existing one
 * has the MTU, addresses, state and headers that it had before, and an empty
 * offload mask if the failure came late.
 */
GROVE_MUST_CHECK bool grove_tun_open(const struct grove_tun_config *config,
                                     struct grove_tun **tun,
                                     struct grove_tun_error *error);

/*
 * Closes all queues and releases the memory. A device that is not persistent is
 * gone then. Of one that stays, and that no other program has open, the offload
 * mask is cleared, and the length and byte order of headers are what they were
 * before it was opened: a program that does not support super-packets can use
 * it. If a process is killed, the mask stays until the next grove_tun_open() of
 * the device. Packets that are pending, or not yet received, are lost. NULL is
 * allowed.
 */
void grove_tun_close(struct grove_tun *tun);

/* Makes the device outlive its descriptors, or not. Returns 0 or an errno. */
GROVE_MUST_CHECK int grove_tun_set_persistent(struct grove_tun *tun,
                                              bool persistent);

/*
 * The name and the interface index of the device when it was opened. The name
 * belongs to `tun`. The index is 0 if the device was adopted without the right
 * to look at it.
 */
const char *grove_tun_name(const struct grove_tun *tun);
int grove_tun_index(const struct grove_tun *tun);

/* The MTU in bytes when the device was opened; 0 if the index is 0. */
uint32_t grove_tun_mtu(const struct grove_tun *tun);

/*
 * Whether another program had queues of the device when it was opened. That
 * program's offload mask and headers are not changed then. Packets are read
 * with headers only if that program has chosen them, and only then they can be
 * coalesced. In tunnels they are coalesced if the headers are long enough.
 */
bool grove_tun_shared(const struct grove_tun *tun);

/*
 * Puts what tables that send to the device need into *config: the link, the
 * length of virtio headers, and the tunnels that it was opened with. It has no
 * tunnels if the device cannot carry their super-packets. Other fields stay as
 * they are. The tunnels belong to `tun`.
 */
void grove_tun_layers(const struct grove_tun *tun, struct grove_config *config);

/* How many queues the device was opened with. */
uint32_t grove_tun_queues(const struct grove_tun *tun);

/* Queue `number`, from 0 on; NULL if there is none. */
struct grove_tun_queue *grove_tun_queue(struct grove_tun *tun, uint32_t number);

/*
 * The queue's descriptor, for poll(2) and the like. POLLIN: there is something
 * to read; but see grove_tun_waiting(). POLLOUT: the device is up and takes
 * packets. POLLERR: the device was deleted. It belongs to the device: do not
 * close it.
 */
int grove_tun_fd(const struct grove_tun_queue *queue);

/*
 * The device's offloads; 0 if it was opened with no_offload, has no virtio
 * headers or is shared.
 */
uint32_t grove_tun_offloads(const struct grove_tun *tun);

/* Protocols that grove_tun_send() coalesces; bits. */
#define GROVE_TUN_TCP     1U
#define GROVE_TUN_UDP     2U
#define GROVE_TUN_TUNNELS 4U /* these also in the tunnels of the device */

/*
 * Switches coalescing on for the protocols of the mask and off for the others,
 * from the next write on. A protocol that the kernel cannot take stays off: TCP
 * needs CSUM, TSO4, TSO6 and TSO_ECN, UDP needs CSUM and USO, and TUNNELS needs
 * TUNNEL, and a device that was opened with tunnels.
 */
void grove_tun_set_coalescing(struct grove_tun *tun, uint32_t protocols);

/*
 * The protocols that are coalesced now. A protocol is switched off when the
 * kernel refuses a super-packet of it: TUNNELS, if that was in a tunnel.
 */
uint32_t grove_tun_coalescing(const struct grove_tun *tun);

/* The result of grove_tun_recv() and grove_tun_send(). */
enum grove_tun_result {
    GROVE_TUN_OK = 0,
    GROVE_TUN_AGAIN,       /* EAGAIN: not now, poll(2) first */
    GROVE_TUN_INTERRUPTED, /* recv, EINTR: a signal came */
    GROVE_TUN_NO_MEMORY,   /* ENOBUFS, ENOMEM: the kernel has no memory now */
    GROVE_TUN_DOWN,        /* EIO, ENETDOWN: the device is down */
    GROVE_TUN_GONE,      /* EBADFD; recv also EFAULT: the device was deleted */
    GROVE_TUN_SYSTEM,    /* another error: errno says which */
    GROVE_TUN_TOO_SMALL, /* recv, put: the packet exceeds the room for it */
    GROVE_TUN_PENDING,   /* send: packets of the last batch are pending */
    GROVE_TUN_TABLE      /* send: the table is not empty, too small, or not of
                          * this device: grove_tun_layers() */
};

/*
 * What the result means, in a few words; "unknown result" for a value that is
 * not a result. A static string, never NULL.
 */
const char *grove_tun_result_words(enum grove_tun_result result);

/*
 * Room for one packet. Packets of a device with an MTU of m bytes need m bytes;
 * at a TAP, 14 more for the Ethernet header, and 4 for each VLAN tag. Any
 * packet fits into GROVE_MAX_PACKET_LEN bytes.
 */
struct grove_tun_buffer {
    uint8_t *data; /* the caller's */
    size_t size;   /* of the memory at `data`, in bytes */
    size_t len;    /* of the packet that was received, in bytes */
};

/*
 * Receives up to `count` packets, one in each buffer. *received is their
 * number. A packet begins `headroom` bytes behind `data`; the bytes before it
 * are not written. Its checksums are complete. Packets for which there was no
 * buffer are returned by later calls; a call reads from the device only when
 * none of them waits.
 *
 * OK with *received 0: a rule dropped the read; see grove_tun_dropped().
 * TOO_SMALL: buffers[0].len is the length of the packet, which needs that many
 * bytes behind the headroom. Nothing was received. The packet waits for the
 * next call; if it does not fit into the first buffer of that call either, it
 * is skipped, so that it does not block what comes after it. After any other
 * error *received is 0 and nothing has changed; errno is that of the read.
 */
GROVE_MUST_CHECK enum grove_tun_result
grove_tun_recv(struct grove_tun_queue *queue, struct grove_tun_buffer *buffers,
               size_t count, size_t headroom, size_t *received);

/*
 * How many packets wait in the queue for a buffer. Only for the receiving
 * thread.
 *
 * poll(2) does not report them, since they have been read: call
 * grove_tun_recv() again until this is 0, and only then poll. With epoll(7) in
 * edge-triggered mode call it until it returns GROVE_TUN_AGAIN; then none
 * waits, and the device is empty.
 */
size_t grove_tun_waiting(const struct grove_tun_queue *queue);

/*
 * Gives up the packets that wait, counts them as skipped, and returns their
 * number. Only for the receiving thread.
 */
size_t grove_tun_skip(struct grove_tun_queue *queue);

/*
 * Sends packets: coalesces them with `table`, which must be empty, and writes
 * its outputs. If the kernel refuses a super-packet with EINVAL or EMSGSIZE,
 * its packets are sent one by one, and coalescing of its protocol is switched
 * off. A packet that the kernel refuses alone is counted as refused. After
 * EINTR the write is repeated.
 *
 * A super-packet that the kernel would change is not written: its packets are
 * sent one by one. These are the super-packets of offloads that the probe found
 * wrong, and those of TCP with a gso_size under the probe's min_tcp_gso_size.
 * Without a probe that is 8, since known releases of Linux 6.1, 6.12 and 7.2
 * raise a smaller one to 8. At a TAP these are also those behind more than 7
 * VLAN tags, which the kernel would drop.
 *
 * OK: every packet is sent or refused. PENDING, TABLE: no packet was taken.
 * After any other error, whose errno is that of the write, the rest is pending.
 * grove_tun_resume() goes on with it, as often as necessary, and
 * grove_tun_discard() gives it up. Until nothing is pending, the packets, their
 * array and the table must stay as they are.
 */
GROVE_MUST_CHECK enum grove_tun_result
grove_tun_send(struct grove_tun_queue *queue, struct grove_table *table,
               const struct grove_packet *packets, size_t count);

/*
 * Writes the packets that are pending. Results as of grove_tun_send(), except
 * PENDING and TABLE.
 */
GROVE_MUST_CHECK enum grove_tun_result
grove_tun_resume(struct grove_tun_queue *queue);

/* How many packets are pending. Only for the sending thread. */
size_t grove_tun_pending(const struct grove_tun_queue *queue);

/*
 * Gives up the packets that are pending, and returns their number. Only for the
 * sending thread.
 */
size_t grove_tun_discard(struct grove_tun_queue *queue);

/*
 * Packets that were put, and wait to be sent together: for a program that
 * handles one at a time. The program sets queue, table, memory and size. All
 * else is 0 at first, and only grove_tun_put() and grove_tun_flush() change it.
 */
struct grove_tun_outbox {
    struct grove_tun_queue *queue;
    struct grove_table *table; /* of GROVE_DEFAULT_BATCH packets or more */
    uint8_t *memory;           /* the caller's; copies of packets lie there */
    size_t size;               /* of it, in bytes */
    size_t used;               /* of it, in bytes */
    size_t count;              /* packets that wait */
    bool taken;                /* by grove_tun_send(); some are pending */
    struct grove_packet packets[GROVE_DEFAULT_BATCH];
};

/*
 * Puts a copy of a packet behind those that wait. Before that, they are sent if
 * there is no room for one more. A packet waits until then, or until
 * grove_tun_flush(): call that at the end of each turn of the event loop. Only
 * for the sending thread.
 *
 * OK: the packet waits. TOO_SMALL: it is longer than the whole memory. After
 * any other result, which is that of grove_tun_flush(), the packet was not
 * taken: put it again later, or lose it as after a write(2) that failed.
 */
GROVE_MUST_CHECK enum grove_tun_result
grove_tun_put(struct grove_tun_outbox *outbox, const uint8_t *data, size_t len);

/*
 * Sends the packets that wait, or goes on with those that are pending. Results
 * as of grove_tun_send(), and OK if none waits. After an error the packets stay
 * in the outbox, and the next call goes on with them: wait for POLLOUT before.
 * grove_tun_discard() gives up those that are pending.
 */
GROVE_MUST_CHECK enum grove_tun_result
grove_tun_flush(struct grove_tun_outbox *outbox);

/*
 * What happened since the device was opened. Bytes are those of packets: of L3,
 * or of Ethernet frames at a TAP.
 */
struct grove_tun_stats {
    uint64_t reads;          /* that succeeded */
    uint64_t split;          /* reads of super-packets, which were split */
    uint64_t received;       /* packets, given to the caller */
    uint64_t received_bytes; /* of these packets */
    uint64_t skipped;        /* packets: too long, or by grove_tun_skip() */
    uint64_t writes;         /* that succeeded */
    uint64_t sent;           /* packets, as the caller gave them */
    uint64_t sent_bytes;     /* in all writes */
    uint64_t merged;         /* packets of `sent` that were in super-packets */
    uint64_t refused;        /* packets that the kernel refused */
    uint64_t discarded;      /* packets, by grove_tun_discard() */
    uint64_t fallbacks;      /* super-packets that the kernel refused */
};

/*
 * Puts the sums over all queues into *stats. Other threads may receive and send
 * at the same time; then two numbers may be of different moments.
 */
void grove_tun_stats(const struct grove_tun *tun,
                     struct grove_tun_stats *stats);

/*
 * How many reads the rule has dropped since the device was opened. A dropped
 * read gives no packet. 0 for a value that is not a rule.
 */
uint64_t grove_tun_dropped(const struct grove_tun *tun, enum grove_rule rule);

/*
 * How many packets the rule has kept from merging since the device was opened.
 * They were sent alone, or refused. 0 for a value that is not a rule.
 */
uint64_t grove_tun_not_merged(const struct grove_tun *tun,
                              enum grove_rule rule);

#ifdef __cplusplus
}
#endif

#endif
