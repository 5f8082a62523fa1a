/* SPDX-License-Identifier: MIT */
/*
 * A small kernel in memory, called through the table of system calls. It has
 * TUN devices with queues, network namespaces, and netlink for links, addresses
 * and routes. A test can make any call fail. A descriptor's number is never
 * used twice.
 */
#ifndef GROVE_TEST_TUN_SYSTEM_H
#define GROVE_TEST_TUN_SYSTEM_H

#include <linux/netlink.h>
#include <net/if.h>

#include "grove/tun.h"
#include "tun/system.h"

enum {
    FAKE_DEVICES = 8,
    FAKE_ADDRESSES = 8,
    FAKE_FILES = 1024,
    FAKE_NETNS = 1,    /* of the calling thread; others have higher numbers */
    FAKE_NEW_NETNS = 9 /* of unshare() */
};

struct fake_device {
    char name[IFNAMSIZ]; /* empty: no device is here */
    int index;
    int netns;
    bool foreign; /* it is not a TUN */
    bool persistent;
    bool up;
    bool little_endian; /* TUNSETVNETLE */
    int header;         /* TUNSETVNETHDRSZ */
    short flags;        /* IFF_TUN and so on */
    uint32_t mtu;
    uint32_t owner;
    uint32_t group;
    unsigned long offloads; /* TUNSETOFFLOAD */
    size_t queues;          /* that are attached */
    struct grove_tun_address addresses[FAKE_ADDRESSES];
    size_t address_count;
    size_t without_dad; /* addresses that were added with IFA_F_NODAD */
    bool clsact;        /* a filter can be attached */
    int redirected_to;  /* the index of a device; 0: no filter is there */
};

/* The path of a file of the last kind. */
#define FAKE_PLAIN_FILE "/plain"

enum fake_kind {
    FAKE_CLOSED = 0,
    FAKE_NODE,
    FAKE_NETLINK,
    FAKE_NAMESPACE, /* opened as /run/netns/NUMBER */
    FAKE_PLAIN
};

struct fake_file {
    enum fake_kind kind;
    int flags; /* of open(), and F_SETFL */
    int netns;
    struct fake_device *device; /* a node's; NULL: not attached */
};

struct fake {
    struct fake_device devices[FAKE_DEVICES];
    struct fake_file files[FAKE_FILES];
    size_t file_count; /* opened since the start */
    size_t bad_closes; /* of descriptors that were not open */
    int index;         /* of the newest device */
    int netns;         /* of the running thread */
    bool in_thread;
    size_t threads;         /* made since the start */
    size_t calls;           /* made since the start */
    size_t fail;            /* the number of the call that fails; 0: none */
    int error;              /* its errno */
    const char *failed;     /* the call, as "ioctl TUNSETIFF"; or NULL */
    bool answer_lost;       /* the request was done, its answer is lost */
    bool refuse;            /* calls that need a right fail with EPERM */
    unsigned long offloads; /* what TUNSETOFFLOAD takes */
    int longest_header;     /* what TUNSETVNETHDRSZ takes */
    bool header_stays; /* TUNSETVNETHDRSZ of a longer one changes nothing */
    const char *asked; /* the last request: "netlink RTM_GETLINK" */
    /* Spoils an answer of netlink, and returns its new length. */
    size_t (*spoil)(struct nlmsghdr *answer, size_t len);
    bool nodev;      /* file systems are mounted so */
    int node_error;  /* the errno of opening the node; 0: it can be opened */
    bool short_send; /* netlink takes only a part of a request */
    int late;        /* so many questions later, an address is routed */
    size_t waits;    /* calls of poll() */
    const char *release; /* of uname() */
    _Alignas(struct nlmsghdr) uint8_t answer[256];
    size_t answer_len;
};

extern struct fake fake;

extern const struct tun_system fake_system;

/* Begins anew: there is no device, and every offload is taken. */
void fake_reset(void);

/* Adds a persistent device that is down and has an MTU of 1500 bytes. */
struct fake_device *fake_add(const char *name, int netns, int flags);

/* The device of this name, in any namespace, or NULL. */
struct fake_device *fake_find(const char *name);

size_t fake_device_count(void);

/* Opens a descriptor that is attached to the device; NULL: to none. */
int fake_attach(struct fake_device *device);

/* The file of a descriptor. */
struct fake_file *fake_file(int fd);

/* How many descriptors are open. */
size_t fake_open_count(void);

#endif
