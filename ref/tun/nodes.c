/* SPDX-License-Identifier: MIT */
/*
 * A node and a socket belong to the network namespace that they were opened in.
 * A thread of its own enters that; the calling thread stays in its namespace.
 */
#include "tun/nodes.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>

#include "tun/config.h"

/* A network namespace that a thread enters, to open nodes there. */
struct place {
    struct tun_opening *opening;
    int netns;
    bool good; /* the nodes are open */
};

/* TUNGETIFF. Returns 0 or an errno. */
static int get_interface(const struct tun_opening *opening, int fd,
                         struct ifreq *interface)
{
    memset(interface, 0, sizeof *interface);
    return opening->system->ioctl(fd, TUNGETIFF, interface) == 0 ? 0 : errno;
}

/* IFF_TUN or IFF_TAP, as was asked for. */
static int kind_of(const struct tun_opening *opening)
{
    return opening->config->tap ? IFF_TAP : IFF_TUN;
}

/* Every descriptor must belong to the same device, which is of this kind. */
static bool check_interface(struct tun_opening *opening, size_t number,
                            const struct ifreq *interface)
{
    enum grove_tun_cause cause = GROVE_TUN_CAUSE_UNKNOWN;

    if ((interface->ifr_flags & kind_of(opening)) == 0)
        cause =
            opening->config->tap ? GROVE_TUN_CAUSE_TUN : GROVE_TUN_CAUSE_TAP;
    else if (number != 0 &&
             strncmp(interface->ifr_name, opening->tun->name, IFNAMSIZ) != 0)
        cause = GROVE_TUN_CAUSE_MIXED;
    return tun_check_cause(opening, GROVE_TUN_STEP_KIND, number, cause);
}

bool tun_adopt(struct tun_opening *opening)
{
    struct grove_tun *tun = opening->tun;

    if (opening->config->fds == NULL)
        return true;
    for (size_t i = 0; i < tun->queue_count; i++) {
        const int fd = opening->config->fds[i];
        struct ifreq interface;
        const int error = get_interface(opening, fd, &interface);

        if (error != 0)
            return tun_fail(opening, GROVE_TUN_STEP_KIND, i, error);
        if (!check_interface(opening, i, &interface))
            return false;
        memcpy(tun->name, interface.ifr_name, IFNAMSIZ);
        tun->headers = (interface.ifr_flags & IFF_VNET_HDR) != 0;
        tun->queues[i].fd = fd;
    }
    return true;
}

static bool open_node(struct tun_opening *opening, size_t number)
{
    const int blocking = opening->config->non_blocking ? O_NONBLOCK : 0;
    const int fd =
        opening->system->open(TUN_NODE, O_RDWR | O_CLOEXEC | blocking);

    if (fd < 0)
        return tun_fail(opening, GROVE_TUN_STEP_NODE, number, errno);
    opening->tun->queues[number].fd = fd;
    return true;
}

/* In the network namespace of the calling thread. */
static bool open_here(struct tun_opening *opening)
{
    const int error = tun_link_open(&opening->tun->link, opening->system);

    if (error != 0)
        return tun_fail(opening, GROVE_TUN_STEP_NETLINK, 0, error);
    if (opening->config->fds != NULL)
        return true;
    for (size_t i = 0; i < opening->tun->queue_count; i++)
        if (!open_node(opening, i))
            return false;
    return true;
}

static void *open_there(void *argument)
{
    struct place *place = argument;
    struct tun_opening *opening = place->opening;

    if (opening->system->setns(place->netns, CLONE_NEWNET) != 0)
        tun_fail(opening, GROVE_TUN_STEP_NAMESPACE, 0, errno);
    else
        place->good = open_here(opening);
    return NULL;
}

/* Closes `netns`, too. */
static bool open_in_thread(struct tun_opening *opening, int netns)
{
    struct place place = {.opening = opening, .netns = netns};
    const int error = opening->system->run_in_thread(open_there, &place);

    opening->system->close(netns);
    if (error != 0)
        return tun_fail(opening, GROVE_TUN_STEP_NAMESPACE, 0, error);
    return place.good;
}

/* Entering a namespace takes a right, even if the thread is in it. */
static bool is_own(const struct tun_system *system, int netns)
{
    const int own =
        system->open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    struct stat a;
    struct stat b;
    bool same;

    if (own < 0)
        return false;
    same = system->fstat(own, &a) == 0 && system->fstat(netns, &b) == 0 &&
           a.st_dev == b.st_dev && a.st_ino == b.st_ino;
    system->close(own);
    return same;
}

/* A descriptor of the namespace: the configuration's, or the device's. */
static int open_namespace(const struct tun_opening *opening)
{
    const struct tun_system *system = opening->system;
    const struct grove_tun_config *config = opening->config;

    if (config->netns != NULL)
        return system->open(config->netns, O_RDONLY | O_CLOEXEC);
    return system->ioctl(config->fds[0], TUNGETDEVNETNS, NULL);
}

static bool open_in_namespace(struct tun_opening *opening)
{
    int netns;

    if (opening->config->netns == NULL && opening->config->fds == NULL)
        return open_here(opening);
    netns = open_namespace(opening);
    if (netns < 0)
        return tun_fail(opening, GROVE_TUN_STEP_NAMESPACE, 0, errno);
    if (!is_own(opening->system, netns))
        return open_in_thread(opening, netns);
    opening->system->close(netns);
    return open_here(opening);
}

/*
 * A program without rights may adopt a descriptor that another program has
 * prepared. Then it works without netlink.
 */
static bool can_do_without(const struct tun_opening *opening)
{
    return opening->config->fds != NULL && opening->config->netns == NULL &&
           !tun_config_sets_link(opening->config) &&
           opening->error.step == GROVE_TUN_STEP_NAMESPACE &&
           opening->error.number == EPERM;
}

bool tun_open_nodes(struct tun_opening *opening)
{
    return open_in_namespace(opening) || can_do_without(opening);
}

/*
 * Creates the device, or attaches one more queue. Returns 0 or an errno. The
 * kernel ignores IFF_VNET_HDR if another program has queues of the device.
 */
static int attach(const struct tun_opening *opening, size_t number,
                  const char *name)
{
    struct grove_tun *tun = opening->tun;
    const int queues = opening->config->queues != 0 ? IFF_MULTI_QUEUE : 0;
    struct ifreq interface = {0};

    memcpy(interface.ifr_name, name, strlen(name));
    interface.ifr_flags =
        (short)(kind_of(opening) | IFF_NO_PI | IFF_VNET_HDR | queues);
    if (opening->system->ioctl(tun->queues[number].fd, TUNSETIFF, &interface) !=
        0)
        return errno;
    memcpy(tun->name, interface.ifr_name, IFNAMSIZ);
    return 0;
}

/* Reads back whether the device has headers. */
static bool read_flags(struct tun_opening *opening)
{
    struct ifreq interface;
    const int error =
        get_interface(opening, opening->tun->queues[0].fd, &interface);

    opening->tun->headers = (interface.ifr_flags & IFF_VNET_HDR) != 0;
    return tun_check(opening, GROVE_TUN_STEP_KIND, 0, error);
}

bool tun_attach(struct tun_opening *opening)
{
    struct grove_tun *tun = opening->tun;
    const char *name = opening->config->name;

    if (opening->config->fds != NULL)
        return true;
    if (name == NULL)
        name = opening->config->tap ? "tap%d" : "tun%d";
    for (size_t i = 0; i < tun->queue_count; i++) {
        const int error = attach(opening, i, i == 0 ? name : tun->name);

        if (error != 0)
            return tun_fail(opening, GROVE_TUN_STEP_ATTACH, i, error);
    }
    return read_flags(opening);
}
