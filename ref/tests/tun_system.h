/* SPDX-License-Identifier: MIT */
/*
 * A small kernel in memory, behind the table of system calls: TUN devices with
 * their queues, network namespaces, and netlink for links and addresses. Any
 * call of it can be made to fail. Descriptors are numbers of its own, never
 * given twice.
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
    FAKE_NETNS = 1 /* the calling thread's own; others have higher numbers */
};

struct fake_device {
    char name[IFNAMSIZ]; /* empty: there is no such device */
    int index;
    int netns;
    bool foreign; /* no TUN */
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
    size_t without_dad; /* of those ever added: with IFA_F_NODAD */
};

/* The path of a file that is none of those below. */
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
    size_t file_count; /* that were ever opened */
    size_t bad_closes; /* of what was not open */
    int index;         /* of the newest device */
    int netns;         /* of the thread that runs */
    bool in_thread;
    size_t threads;         /* that were ever made */
    size_t calls;           /* that could fail */
    size_t fail;            /* this one of them fails, from 1 on; 0: none */
    int error;              /* with this errno */
    const char *failed;     /* what did so, as "ioctl TUNSETIFF"; or NULL */
    bool answer_lost;       /* it was netlink's answer, to what was done */
    bool refuse;            /* EPERM for what needs a right */
    unsigned long offloads; /* what TUNSETOFFLOAD takes */
    const char *asked;      /* of netlink last, as "netlink RTM_GETLINK" */
    /* Spoils an answer of netlink, and says how long it is now. */
    size_t (*spoil)(struct nlmsghdr *answer, size_t len);
    bool short_send; /* netlink takes only a part */
    _Alignas(struct nlmsghdr) uint8_t answer[256];
    size_t answer_len;
};

extern struct fake fake;

extern const struct tun_system fake_system;

/* A kernel without devices that takes every offload. */
void fake_reset(void);

/* Makes a persistent device in a namespace, down, with an MTU of 1500. */
struct fake_device *fake_add(const char *name, int netns, int flags);

/* The device of this name, in any namespace, or NULL. */
struct fake_device *fake_find(const char *name);

size_t fake_device_count(void);

/* A descriptor that is attached to the device; NULL: to none. */
int fake_attach(struct fake_device *device);

/* The file behind a descriptor. */
struct fake_file *fake_file(int fd);

/* How many descriptors are open. */
size_t fake_open_count(void);

#endif
