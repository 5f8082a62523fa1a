/* SPDX-License-Identifier: MIT */
/*
 * The parts of the live kernel as an implementation: TUN devices, each in its
 * own network namespace, the sockets that capture the outputs of GRO, and the
 * ways to ask for one poll.
 */
#ifndef GROVE_TOOLS_KERNEL_PRIVATE_H
#define GROVE_TOOLS_KERNEL_PRIVATE_H

#include <linux/virtio_net.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "run.h"

/* kernel_occupied's: the most sockets that are slow. */
#define KERNEL_SLOW_SOCKETS 256

/* The length of an Ethernet header and of a VLAN tag, in bytes. */
enum { KERNEL_ETHERNET_LEN = 14, KERNEL_TAG_LEN = 4 };

/* The size of a message about what is missing, with its terminating 0. */
#define WHY_LEN 256

/* Writes what is missing, and errno, if set, in words. Returns false. */
__attribute__((format(printf, 2, 3))) bool
kernel_lacks(char why[WHY_LEN], const char *format, ...);

/*
 * Gives the process the rights that asking needs, if it lacks them: it moves
 * into a user namespace of its own, as that one's root, and stays there.
 * False if it is not allowed to. Call it before the process has a second
 * thread.
 */
bool kernel_take_rights(char why[WHY_LEN]);

/*
 * Calls `open` in new network and mount namespaces. What it opens stays in
 * them; the calling thread stays in its own.
 */
bool kernel_open_apart(bool (*open)(void *what, char why[WHY_LEN]), void *what,
                       char why[WHY_LEN]);

/* Writes `text` into the file. */
bool kernel_file_write(const char *path, const char *text, char why[WHY_LEN]);

/*
 * Closes up to KERNEL_SLOW_SOCKETS descriptors and sets them to -1; those that
 * are -1 are not open. To close a socket that sees packets takes some grace
 * period of the kernel, and all are closed in one.
 */
void kernel_close_all(int *fds, size_t count);

/* What the devices are made for: a part of a run's configuration. */
struct kernel_layers {
    enum grove_link link;
    uint8_t vnet_len;   /* of the virtio headers that are written, in bytes */
    uint32_t max_bytes; /* of a super-packet */
    bool fraglist;      /* what leaves may be a list of packets */
    bool hash;          /* packets have hashes */
    uint32_t tunnel_count;
    struct grove_tunnel tunnels[GROVE_MAX_TUNNELS];
};

/* The layers of IP packets without tunnels, with the usual virtio header. */
extern const struct kernel_layers kernel_plain_layers;

struct kernel_layers kernel_layers_of(const struct run_config *config);

/* A configuration that asks for these layers. */
struct run_config kernel_layers_config(const struct kernel_layers *layers);

bool kernel_layers_equal(const struct kernel_layers *a,
                         const struct kernel_layers *b);

/*
 * Lets the tunnels end in the namespace of the calling thread, by devices of
 * their own. False if the kernel lacks one of them.
 */
bool kernel_tunnels_make(const struct kernel_layers *layers, char why[WHY_LEN]);

/* All offloads that a device may have, with those of tunnels over UDP. */
#define KERNEL_TUNNEL_OFFLOADS 0x1efUL

/* A TUN or TAP device with virtio headers. */
struct kernel_tun {
    char name[IFNAMSIZ];
    int fd;          /* -1: it is not open */
    size_t link_len; /* of the link header of its packets, in bytes */
    size_t vnet_len; /* of its virtio headers, in bytes */
};

/*
 * Opens a device with these flags and its usual ones. The caller must close it
 * even if this fails.
 */
bool kernel_tun_open(struct kernel_tun *tun, const struct kernel_layers *layers,
                     int flags, char why[WHY_LEN]);

/*
 * Brings it up with the largest MTU and without packets that IPv6 sends on its
 * own. `socket` is any socket of its namespace.
 */
bool kernel_tun_up(const struct kernel_tun *tun, int socket, char why[WHY_LEN]);

void kernel_tun_close(struct kernel_tun *tun);

/*
 * Writes a packet with its virtio header, or with one of all zero. False and
 * errno.
 */
bool kernel_tun_write(const struct kernel_tun *tun,
                      const struct run_input *input);

/*
 * From now on packets that come in by device `from` go out by device `to`, and
 * no protocol reads them. Both are in the namespace of the calling thread.
 */
bool kernel_redirect(const char *from, const char *to, char why[WHY_LEN]);

/*
 * Sends the frames that come in by device `from` out by device `to`, both of
 * Ethernet, unless their source or destination is not for a bridge. Both are in
 * the namespace of the calling thread.
 */
bool kernel_bridge(const char *from, const char *to, char why[WHY_LEN]);

/* New devices of this namespace send no packets of IPv6 by themselves. */
bool kernel_silence(char why[WHY_LEN]);

/* Lets the device of this namespace queue so many packets. False and errno. */
bool kernel_queue_set(const char *device, uint32_t length);

/*
 * Lets super-packets of both IP versions that the device of this namespace
 * coalesces have so many bytes. A kernel before 6.3 has the limit for IPv6
 * only. False and errno.
 */
bool kernel_bytes_set(const char *device, uint32_t max_bytes);

/* A device that super-packets are written to, and one that segments leave. */
struct kernel_pair {
    struct kernel_tun in;
    struct kernel_tun out;
    size_t queue; /* room for so many segments */
};

/* The kernel's GSO; the kernel or the receiver computes the checksums. */
struct kernel_split {
    struct kernel_layers layers;
    struct kernel_pair plain;
    struct kernel_pair offload;
    uint8_t *buffer; /* holds a packet and its virtio header */
};

/* Makes the devices in a new network namespace. On failure none is open. */
bool kernel_split_open(struct kernel_split *split,
                       const struct kernel_layers *layers, char why[WHY_LEN]);

void kernel_split_close(struct kernel_split *split);

/* Asks for the segments of a packet. */
void kernel_split_ask(struct kernel_split *split, const struct run_input *input,
                      bool csum_offload, struct answer *answer);

/* A device feature of ethtool(8). */
struct kernel_feature {
    uint32_t index;
    uint32_t count; /* number of all features of this kernel */
};

/*
 * Finds the feature of this name; `socket` is any socket of the device's
 * namespace. Returns false and sets errno if the kernel does not have it.
 */
bool kernel_feature_find(int socket, const char device[IFNAMSIZ],
                         const char *name, struct kernel_feature *feature);

/* The feature that coalesces UDP packets which are forwarded. */
#define KERNEL_UDP_FEATURE "rx-udp-gro-forwarding"

/* The feature that coalesces into lists of packets. */
#define KERNEL_LIST_FEATURE "rx-gro-list"

/* Turns the feature on or off. Returns false and sets errno on failure. */
bool kernel_feature_set(int socket, const char device[IFNAMSIZ],
                        const struct kernel_feature *feature, bool on);

struct capture;
struct captured;
struct kernel_device;
struct kernel_poll;

/* A way to ask for a poll. */
struct kernel_way {
    /* Makes a device fit for it, in the device's namespace. */
    bool (*prepare)(struct kernel_device *device, char why[WHY_LEN]);
    /* The same, when the device is up and captured; may be NULL. */
    bool (*complete)(struct kernel_device *device, char why[WHY_LEN]);
    /* False: the poll's answer says why. */
    bool (*ask)(struct kernel_poll *poll);
};

/* One poll of a kernel thread handles all packets. */
extern const struct kernel_way kernel_threaded;

/* The same, while the thread is kept from it: it needs no rights over it. */
extern const struct kernel_way kernel_occupied;

/* Makes what kernel_behind_ask() needs. False and errno. */
bool kernel_behind_open(struct kernel_device *device);

/*
 * Asks once. `*whole` if the thread waited for the CPU that the caller was on
 * until all was written.
 */
bool kernel_behind_ask(struct kernel_poll *poll, bool *whole);

/* Each packet has a poll of its own, and the flush is put off to the last. */
extern const struct kernel_way kernel_deferred;

/*
 * An IPv4 header and a number that no input packet can contain, behind the link
 * header.
 */
#define SENTINEL_LEN 36
#define SENTINEL_MAX (KERNEL_ETHERNET_LEN + SENTINEL_LEN)

/* Where a ballast has its mark, of 4 bytes, and its weight, of one: from the IP
 * header on. */
enum { KERNEL_BALLAST_MARK = 28, KERNEL_BALLAST_WEIGHT = 20 };

/* The hashes of packets, in memory that a BPF program reads. */
struct kernel_hashes;

/*
 * Loads a program that gives packets their hashes and sends them out by device
 * `to` of this namespace, with an Ethernet header if they have none. Returns
 * the program, which the caller closes; or -1 and sets errno. The caller closes
 * `*hashes` in both cases.
 */
int kernel_hashes_open(struct kernel_hashes **hashes, bool has_link,
                       const char *to);
void kernel_hashes_close(struct kernel_hashes *hashes);

/* No packet is on its way: the next one is the first. */
void kernel_hashes_begin(struct kernel_hashes *hashes);

/* The hash of the packet that is written next; and that it was taken. */
void kernel_hashes_put(struct kernel_hashes *hashes, uint32_t hash);
void kernel_hashes_keep(struct kernel_hashes *hashes);

/* A device, and what its way needs. */
struct kernel_device {
    struct kernel_tun tun;
    char coalescing[IFNAMSIZ]; /* whose GRO is asked: tun's, or kernel_hash's */
    struct kernel_hashes *hashes; /* kernel_hash's; or NULL */
    struct kernel_layers layers;
    struct kernel_tun second; /* kernel_second's or kernel_list's */
    const struct kernel_way *way;
    int socket; /* any one of the device's namespace */
    struct capture *capture;
    uint8_t sentinel[SENTINEL_MAX];
    struct kernel_feature udp; /* coalescing of UDP */
    bool udp_on;
    uint8_t ballast[SENTINEL_MAX]; /* kernel_occupied's: a slow packet */
    int slow[KERNEL_SLOW_SOCKETS]; /* kernel_occupied's: why it is slow */
    unsigned slowed;   /* kernel_occupied's: of these, those that are bound */
    unsigned calm;     /* kernel_occupied's: answers at the first attempt */
    int interface;     /* kernel_occupied's: the device's number */
    int begin;         /* kernel_occupied's: a socket that sees it first */
    bool behind;       /* kernel_occupied's: kernel_behind_ask() comes first */
    int elsewhere;     /* kernel_behind's: shows packets on other CPUs */
    size_t cpu;        /* kernel_behind's: the caller's */
    int flush_timeout; /* kernel_deferred's: the attribute in sysfs */
    int clock;         /* kernel_deferred's: a socket that knows the jiffy */
    bool piles_up;     /* kernel_deferred's: ksoftirqd may be in arrears */
};

/*
 * Makes the device and its socket in a new network namespace; the namespaces
 * of the calling thread stay as they are. On failure nothing is left open.
 */
bool kernel_device_open(struct kernel_device *device,
                        const struct kernel_layers *layers,
                        const struct kernel_way *way, char why[WHY_LEN]);

/* Closes the device and its socket, which removes the namespace. */
void kernel_device_close(struct kernel_device *device);

/*
 * Opens an attribute in sysfs for writing, in the device's namespace. Returns
 * -1 on failure.
 */
int kernel_attribute_open(const char *device, const char *name,
                          char why[WHY_LEN]);

/* Sets an attribute, in the device's namespace. */
bool kernel_attribute_set(const char *device, const char *name,
                          const char *value, char why[WHY_LEN]);

/* With hashes, makes the device that coalesces packets with hashes. */
bool kernel_hash_open(struct kernel_device *device, char why[WHY_LEN]);

/* Why the packet cannot be asked with a hash; NULL: it can. */
const char *kernel_hash_refuses(const struct run_config *config,
                                const struct run_input *input);

/* With hashes, takes off the Ethernet header that a packet did not have. */
void kernel_hash_unwrap(const struct kernel_device *device,
                        struct captured *captured);

/*
 * Makes the second device, if virtio headers have 24 bytes: its reader gets
 * what left GRO.
 */
bool kernel_second_open(struct kernel_device *device, char why[WHY_LEN]);

/* Forgets what there is for its reader. */
void kernel_second_drain(const struct kernel_device *device);

/*
 * Adds to the outputs of a poll what only its reader is told. An output whose
 * tunnel it is not told of counts as unseen.
 */
void kernel_second_read(struct kernel_poll *poll);

/*
 * With fraglist, switches it on, and makes a second device whose reader gets
 * the packets of a list.
 */
bool kernel_list_open(struct kernel_device *device, char why[WHY_LEN]);

/* Puts the packets of each list in the place of what AF_PACKET shows. */
void kernel_list_read(struct kernel_poll *poll);

/* A question to a device: one poll. */
struct kernel_poll {
    struct kernel_device *device;
    const struct run_input *input;
    size_t packets;
    struct run_fate *fate;     /* one for each packet */
    struct run_output *output; /* room for one output for each packet */
    size_t outputs;
    size_t unseen;         /* outputs that AF_PACKET could not express */
    bool ended;            /* the sentinel was seen */
    struct answer *answer; /* the run's; it owns the bytes of the outputs */
};

/*
 * Makes a device's first sentinel, or its ballast of another `protocol`, behind
 * a link header of `link_len` bytes.
 */
bool kernel_sentinel_make(uint8_t sentinel[SENTINEL_MAX], size_t link_len,
                          uint8_t protocol);

/* The protocols of both; they are for experiments. */
enum { KERNEL_SENTINEL = 253, KERNEL_BALLAST = 254 };

/* Fails with `what` and the text of errno. Always returns false. */
bool kernel_poll_fail(const struct kernel_poll *poll, const char *what);

/* Writes one of the packets to the device. */
bool kernel_poll_write(struct kernel_poll *poll, size_t number);

/* Writes the sentinel, whose arrival shows that GRO has seen all packets. */
bool kernel_poll_end(struct kernel_poll *poll);

/* Writes the ballast, which passes GRO and is not an output. */
bool kernel_poll_load(struct kernel_poll *poll);

/* Forgets what has left so far: the poll begins anew. */
void kernel_poll_restart(struct kernel_poll *poll);

/* Takes what has left by now into the poll's outputs. */
bool kernel_poll_take(struct kernel_poll *poll);

/*
 * Lets the kernel run until the sentinel is seen, and takes all that leaves:
 * into the poll's outputs if `keep`, else to nowhere.
 */
bool kernel_poll_read(struct kernel_poll *poll, bool keep);

/*
 * The sentinel leaves before what its own poll flushes, and the thread may run
 * on another CPU than the caller. So a second sentinel is written and read, in
 * a poll after that one.
 */
bool kernel_poll_flush(struct kernel_poll *poll, bool keep);

/* Fails because the kernel does not poll. Always returns false. */
bool kernel_poll_stopped(const struct kernel_poll *poll);

/* The settings of the calling thread before kernel_writer_begin(). */
struct kernel_writer {
    cpu_set_t cpus;
    bool moved; /* it was allowed to run on other CPUs */
    int policy;
    struct sched_param param;
};

/*
 * Pins the kernel thread that polls `device` to a CPU of the calling thread,
 * which goes to `cpu`. False if there is no such thread, or if the caller may
 * not decide when it runs (CAP_SYS_NICE of the machine).
 */
bool kernel_thread_pin(const char *device, cpu_set_t *cpu);

/*
 * Between begin and end the calling thread runs on the CPU of the polling
 * thread, with a higher priority. So nothing is polled until the caller blocks.
 */
bool kernel_writer_begin(struct kernel_writer *saved, const cpu_set_t *cpu);
void kernel_writer_end(const struct kernel_writer *saved);

/* The devices for questions with the same layers. */
struct kernel_world {
    struct kernel_layers layers;
    struct kernel_device polled;   /* for the packets of one poll of a thread */
    struct kernel_device deferred; /* for any number */
    bool has_polled;
    bool has_deferred;
    bool in_real_time;         /* the caller is, while it asks */
    struct kernel_split split; /* opened by the first question of op gso */
    bool splits;
    cpu_set_t cpu;
    bool stale;          /* the devices have failed, and may hold packets */
    char lacks[WHY_LEN]; /* why nothing is open; empty: it is open */
};

/* Opens the devices of op gro. False: none is open. */
bool kernel_world_open(struct kernel_world *world,
                       const struct kernel_layers *layers, char why[WHY_LEN]);

/* Opens the devices of op gso unless they are open. */
bool kernel_world_split(struct kernel_world *world, char why[WHY_LEN]);

/* Makes new devices in place of those that are open. */
bool kernel_world_renew(struct kernel_world *world, char why[WHY_LEN]);

void kernel_world_close(struct kernel_world *world);

/* So many are open at a time, since one may take 300 descriptors. */
#define KERNEL_WORLDS 3

/* All zero: none is open. */
struct kernel_worlds {
    struct kernel_world world[KERNEL_WORLDS];
    unsigned count;
    unsigned made; /* in all; the first one is never closed for another */
};

/* The world for these layers. It is made if it is not open. Never NULL. */
struct kernel_world *kernel_worlds_find(struct kernel_worlds *worlds,
                                        const struct kernel_layers *layers);

void kernel_worlds_close(struct kernel_worlds *worlds);

/* Whether a frame has the type of a VLAN tag. */
bool kernel_tag_is(const struct run_input *frame);

/* Whether a frame has the type of a VLAN tag, and less than it and a type. */
bool kernel_tag_is_cut(const struct run_input *frame);

/*
 * Whether a frame has a VLAN tag, and a checksum that is to be made from a
 * place in front of the type behind it: a kernel forgets that behind GRO.
 */
bool kernel_tag_hides_csum(const struct run_input *frame);

/* Makes a question whose answer has one output if GRO knows VLAN tags. */
void kernel_tag_question(struct run *run, struct run_input input[2],
                         struct arena *arena);

/* Makes a question whose answer has one output if GRO looks into PPPoE. */
void kernel_pppoe_question(struct run *run, struct run_input input[2],
                           struct arena *arena);

/* A packet that left GRO. */
struct captured {
    struct virtio_net_hdr vnet; /* in host byte order */
    const uint8_t *packet;
    size_t len;
};

/*
 * Makes sockets that see what leaves the network interface of this number,
 * which is up, in the namespace of the calling thread. `frames`: it is one of
 * Ethernet, whose VLAN tags are put back. NULL and errno on failure.
 */
struct capture *capture_new(int interface, bool frames);

/* The room that a frame needs before it, for a tag. */
#define CAPTURE_ROOM KERNEL_TAG_LEN

/* Lets a socket tell the tags that it takes off frames. False and errno. */
bool capture_tell_tags(int socket);

/* The size of what it tells. */
#define CAPTURE_TOLD 64

/*
 * Puts the outer VLAN tag that the kernel took off back into a frame, which has
 * CAPTURE_ROOM before it.
 */
void capture_put_tag(struct captured *captured, uint8_t *frame,
                     struct msghdr *message);
void capture_free(struct capture *capture);

/* Lets an AF_PACKET socket see all packets of the interface. False and errno.
 */
bool capture_bind(int socket, int interface);

/* Lets it see none. False and errno. */
bool capture_unbind(int socket, int interface);

/* Waits for a packet. False after some seconds without one. */
bool capture_wait(const struct capture *capture);

/* Whether there is a packet at this moment. */
bool capture_ready(const struct capture *capture);

/*
 * Takes a packet without waiting. Its bytes are valid until the next call.
 * False and errno if it takes none. EAGAIN: none is there. EINVAL: there was
 * one whose header AF_PACKET cannot express, and it is gone.
 */
bool capture_take(struct capture *capture, struct captured *captured);

/*
 * Whether no packet was lost since the last call. A lost packet would leave
 * its socket's turn empty for good; only after a whole round is there another
 * packet that might be taken for it.
 */
bool capture_complete(struct capture *capture);

#endif
