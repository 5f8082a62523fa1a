/* SPDX-License-Identifier: MIT */
#include "tun_system.h"

#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <limits.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_mirred.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

enum {
    FIRST_FD = 1000,
    MIN_MTU = 68,
    MAX_MTU = 65535, /* of a TAP it is less by its header */
    ETHERNET_HEADER = 14,
    IP6_MIN_MTU = 1280
};

/* Since Linux 6.2; older headers do not have them. */
enum { USO = 0x60 };

/* Since Linux 6.17: in tunnels over UDP, and their checksums. */
enum { TUNNEL = 0x80, TUNNEL_CSUM = 0x100 };

struct fake fake;

/* Counts a call. True: it is the one that fails. */
static bool fails(const char *what)
{
    if (++fake.calls != fake.fail)
        return false;
    fake.failed = what;
    errno = fake.error;
    return true;
}

static int refuse(int error)
{
    errno = error;
    return -1;
}

struct fake_file *fake_file(int fd)
{
    const size_t number = (size_t)(fd - FIRST_FD);

    return fd >= FIRST_FD && number < fake.file_count ? &fake.files[number]
                                                      : NULL;
}

/* The open file of this kind, or NULL and errno. */
static struct fake_file *file_of(int fd, enum fake_kind kind)
{
    struct fake_file *file = fake_file(fd);

    errno = file == NULL || file->kind == FAKE_CLOSED ? EBADF : ENOTTY;
    return file != NULL && file->kind == kind ? file : NULL;
}

static int new_file(enum fake_kind kind, int netns, int flags)
{
    if (fake.file_count == FAKE_FILES)
        return refuse(ENFILE);
    fake.files[fake.file_count] = (struct fake_file){kind, flags, netns, NULL};
    return FIRST_FD + (int)fake.file_count++;
}

size_t fake_open_count(void)
{
    size_t count = 0;

    for (size_t i = 0; i < fake.file_count; i++)
        count += fake.files[i].kind != FAKE_CLOSED;
    return count;
}

/* Devices. */

static struct fake_device *find_in(int netns, const char *name)
{
    for (size_t i = 0; i < FAKE_DEVICES; i++)
        if (fake.devices[i].netns == netns &&
            strcmp(fake.devices[i].name, name) == 0)
            return &fake.devices[i];
    return NULL;
}

struct fake_device *fake_find(const char *name)
{
    for (size_t i = 0; i < FAKE_DEVICES; i++)
        if (strcmp(fake.devices[i].name, name) == 0)
            return &fake.devices[i];
    return NULL;
}

size_t fake_device_count(void)
{
    size_t count = 0;

    for (size_t i = 0; i < FAKE_DEVICES; i++)
        count += fake.devices[i].name[0] != '\0';
    return count;
}

/* Adds a device that is down, and ends with its last queue; NULL: no room. */
static struct fake_device *new_device(const char *name, int netns, int flags)
{
    struct fake_device *device = fake_find("");

    if (device == NULL)
        return NULL;
    *device = (struct fake_device){
        .index = ++fake.index,
        .netns = netns,
        .mtu = 1500,
        .header = GROVE_VNET_LEN,
        .flags = (short)flags,
        .owner = UINT32_MAX,
        .group = UINT32_MAX,
    };
    snprintf(device->name, sizeof device->name, "%s", name);
    return device;
}

struct fake_device *fake_add(const char *name, int netns, int flags)
{
    struct fake_device *device = new_device(name, netns, flags);

    device->persistent = true;
    return device;
}

/* Replaces "%d" by the lowest number that is free. */
static void number_name(int netns, const char *pattern, char name[IFNAMSIZ])
{
    const char *percent = strchr(pattern, '%');
    int number = 0;

    snprintf(name, IFNAMSIZ, "%s", pattern);
    while (percent != NULL && (number == 0 || find_in(netns, name) != NULL))
        snprintf(name, IFNAMSIZ, "%.*s%d%s", (int)(percent - pattern), pattern,
                 number++, percent + 2);
}

static struct fake_device *take_device(int netns, const struct ifreq *interface)
{
    struct fake_device *device = find_in(netns, interface->ifr_name);
    char name[IFNAMSIZ];

    if (device == NULL) {
        number_name(netns, interface->ifr_name, name);
        return new_device(name, netns, interface->ifr_flags);
    }
    errno = EINVAL;
    if (device->foreign || ((device->flags ^ interface->ifr_flags) &
                            (IFF_MULTI_QUEUE | IFF_TAP)) != 0)
        return NULL;
    errno = EBUSY;
    if (device->queues != 0 && (device->flags & IFF_MULTI_QUEUE) == 0)
        return NULL;
    if (device->queues == 0)
        device->flags = interface->ifr_flags;
    return device;
}

static int set_interface(struct fake_file *file, struct ifreq *interface)
{
    struct fake_device *device;

    if (fake.refuse)
        return refuse(EPERM);
    device = take_device(file->netns, interface);
    if (device == NULL)
        return -1;
    file->device = device;
    device->queues++;
    memcpy(interface->ifr_name, device->name, IFNAMSIZ);
    return 0;
}

static int get_interface(const struct fake_file *file, struct ifreq *interface)
{
    memcpy(interface->ifr_name, file->device->name, IFNAMSIZ);
    interface->ifr_flags = (short)(file->device->flags | IFF_NOFILTER);
    return 0;
}

int fake_attach(struct fake_device *device)
{
    const int fd = new_file(FAKE_NODE, FAKE_NETNS, O_RDWR);

    fake_file(fd)->device = device;
    if (device != NULL)
        device->queues++;
    return fd;
}

static int set_offloads(struct fake_device *device, unsigned long mask)
{
    const unsigned long tso = TUN_F_TSO4 | TUN_F_TSO6;

    if ((mask & ~fake.offloads) != 0 ||
        (mask != 0 && (mask & TUN_F_CSUM) == 0) ||
        ((mask & TUN_F_TSO_ECN) != 0 && (mask & tso) == 0) ||
        ((mask & USO) != 0 && (mask & USO) != USO) ||
        ((mask & TUNNEL) != 0 && (mask & (tso | USO)) == 0) ||
        ((mask & TUNNEL_CSUM) != 0 && (mask & TUNNEL) == 0))
        return refuse(EINVAL);
    device->offloads = mask;
    return 0;
}

/* Netlink. */

static int mtu_of(const struct nlattr *attribute, void *mtu)
{
    if (mnl_attr_get_type(attribute) == IFLA_MTU)
        *(uint32_t *)mtu = mnl_attr_get_u32(attribute);
    return MNL_CB_OK;
}

static int name_of(const struct nlattr *attribute, void *name)
{
    if (mnl_attr_get_type(attribute) == IFLA_IFNAME)
        *(const char **)name = mnl_attr_get_str(attribute);
    return MNL_CB_OK;
}

static int local_of(const struct nlattr *attribute, void *address)
{
    if (mnl_attr_get_type(attribute) == IFA_LOCAL)
        memcpy(((struct grove_tun_address *)address)->bytes,
               mnl_attr_get_payload(attribute),
               mnl_attr_get_payload_len(attribute));
    return MNL_CB_OK;
}

static struct fake_device *device_of(int netns, int index)
{
    for (size_t i = 0; i < FAKE_DEVICES; i++)
        if (fake.devices[i].name[0] != '\0' && fake.devices[i].netns == netns &&
            fake.devices[i].index == index)
            return &fake.devices[i];
    return NULL;
}

static void remove_address(struct fake_device *device, size_t number)
{
    device->address_count--;
    memmove(&device->addresses[number], &device->addresses[number + 1],
            (device->address_count - number) * sizeof device->addresses[0]);
}

static int set_mtu(struct fake_device *device, uint32_t mtu)
{
    const bool tap = (device->flags & IFF_TAP) != 0;

    if (mtu < MIN_MTU || mtu > MAX_MTU - (tap ? ETHERNET_HEADER : 0))
        return EINVAL;
    device->mtu = mtu;
    for (size_t i = device->address_count; mtu < IP6_MIN_MTU && i-- > 0;)
        if (device->addresses[i].family == AF_INET6)
            remove_address(device, i);
    return 0;
}

static int set_link(const struct nlmsghdr *request, int netns)
{
    const struct ifinfomsg *info = mnl_nlmsg_get_payload(request);
    struct fake_device *device = device_of(netns, info->ifi_index);
    uint32_t mtu = 0;

    if (device == NULL)
        return ENODEV;
    if (fake.refuse)
        return EPERM;
    if ((info->ifi_change & IFF_UP) != 0)
        device->up = (info->ifi_flags & IFF_UP) != 0;
    mnl_attr_parse(request, sizeof *info, mtu_of, &mtu);
    return mtu != 0 ? set_mtu(device, mtu) : 0;
}

static bool same_address(const struct grove_tun_address *a,
                         const struct grove_tun_address *b)
{
    return a->family == b->family && a->prefix == b->prefix &&
           memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

static int add_address(struct fake_device *device,
                       const struct grove_tun_address *address)
{
    if (device->address_count == FAKE_ADDRESSES)
        return ENOBUFS;
    if (address->family == AF_INET6 && device->mtu < IP6_MIN_MTU)
        return EINVAL;
    device->addresses[device->address_count++] = *address;
    return 0;
}

/* Adds an address, or deletes it. */
static int set_address(const struct nlmsghdr *request, int netns)
{
    const struct ifaddrmsg *info = mnl_nlmsg_get_payload(request);
    struct fake_device *device = device_of(netns, (int)info->ifa_index);
    const bool add = request->nlmsg_type == RTM_NEWADDR;
    struct grove_tun_address address = {.family = info->ifa_family,
                                        .prefix = info->ifa_prefixlen};

    if (device == NULL)
        return ENODEV;
    device->without_dad += (info->ifa_flags & IFA_F_NODAD) != 0;
    mnl_attr_parse(request, sizeof *info, local_of, &address);
    for (size_t i = 0; i < device->address_count; i++) {
        if (!same_address(&device->addresses[i], &address))
            continue;
        if (!add)
            remove_address(device, i);
        return add ? EEXIST : 0;
    }
    return add ? add_address(device, &address) : EADDRNOTAVAIL;
}

/* Finds the target of a redirecting action, at any depth. */
static int target_of(const struct nlattr *attribute, void *target)
{
    const struct tc_mirred *mirred = mnl_attr_get_payload(attribute);
    const uint16_t len = mnl_attr_get_payload_len(attribute);

    if (mnl_attr_get_type(attribute) == TCA_MIRRED_PARMS &&
        len == sizeof *mirred && mirred->eaction == TCA_EGRESS_REDIR)
        *(int *)target = (int)mirred->ifindex;
    else if (len >= sizeof *attribute)
        mnl_attr_parse_nested(attribute, target_of, target);
    return MNL_CB_OK;
}

static int set_filter(const struct nlmsghdr *request, int netns)
{
    const struct tcmsg *message = mnl_nlmsg_get_payload(request);
    struct fake_device *device = device_of(netns, message->tcm_ifindex);
    int target = 0;

    if (device == NULL)
        return ENODEV;
    if (request->nlmsg_type == RTM_NEWQDISC) {
        device->clsact = message->tcm_parent == TC_H_CLSACT;
        return 0;
    }
    mnl_attr_parse(request, sizeof *message, target_of, &target);
    if (!device->clsact || device_of(netns, target) == NULL ||
        message->tcm_parent != TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS))
        return EINVAL;
    device->redirected_to = target;
    return 0;
}

static struct nlmsghdr *begin_answer(const struct nlmsghdr *request,
                                     uint16_t type)
{
    struct nlmsghdr *answer = mnl_nlmsg_put_header(fake.answer);

    answer->nlmsg_type = type;
    answer->nlmsg_seq = request->nlmsg_seq;
    return answer;
}

static void answer_error(const struct nlmsghdr *request, int error)
{
    struct nlmsghdr *answer = begin_answer(request, NLMSG_ERROR);
    struct nlmsgerr *told = mnl_nlmsg_put_extra_header(answer, sizeof *told);

    told->error = -error;
    told->msg = *request;
}

/* Linux puts it into nested attributes, too. */
static void put_pi(struct nlmsghdr *answer, const struct fake_device *device)
{
    struct nlattr *info = mnl_attr_nest_start(answer, IFLA_LINKINFO);
    struct nlattr *data;

    mnl_attr_put_strz(answer, IFLA_INFO_KIND, device->foreign ? "no" : "tun");
    data = mnl_attr_nest_start(answer, IFLA_INFO_DATA);
    mnl_attr_put_u8(answer, IFLA_TUN_TYPE,
                    (uint8_t)(device->flags & (IFF_TUN | IFF_TAP)));
    mnl_attr_put_u8(answer, IFLA_TUN_MULTI_QUEUE,
                    (device->flags & IFF_MULTI_QUEUE) != 0);
    mnl_attr_put_u8(answer, IFLA_TUN_PI, (device->flags & IFF_NO_PI) == 0);
    mnl_attr_put_u32(answer, IFLA_TUN_OWNER, device->owner);
    mnl_attr_put_u32(answer, IFLA_TUN_NUM_QUEUES, (uint32_t)device->queues);
    mnl_attr_put_u32(answer, IFLA_TUN_NUM_DISABLED_QUEUES, 0);
    mnl_attr_nest_end(answer, data);
    mnl_attr_nest_end(answer, info);
}

static void answer_link(const struct nlmsghdr *request, int netns)
{
    const char *name = "";
    const struct fake_device *device;
    struct nlmsghdr *answer;
    const struct ifinfomsg *asked = mnl_nlmsg_get_payload(request);
    struct ifinfomsg *info;

    mnl_attr_parse(request, sizeof *info, name_of, &name);
    device = asked->ifi_index != 0 ? device_of(netns, asked->ifi_index)
                                   : find_in(netns, name);
    if (device == NULL) {
        answer_error(request, ENODEV);
        return;
    }
    answer = begin_answer(request, RTM_NEWLINK);
    info = mnl_nlmsg_put_extra_header(answer, sizeof *info);
    info->ifi_index = device->index;
    info->ifi_flags = device->up ? IFF_UP : 0;
    mnl_attr_put_strz(answer, IFLA_IFNAME, device->name);
    mnl_attr_put_u32(answer, IFLA_MTU, device->mtu);
    put_pi(answer, device);
}

/* Before the route of the address itself there is that of its network. */
static void answer_route(const struct nlmsghdr *request)
{
    struct nlmsghdr *answer = begin_answer(request, RTM_NEWROUTE);
    struct rtmsg *route = mnl_nlmsg_put_extra_header(answer, sizeof *route);

    route->rtm_type = fake.late > 0 ? RTN_UNICAST : RTN_LOCAL;
    fake.late--;
}

static void answer(const struct nlmsghdr *request, int netns)
{
    if (request->nlmsg_type == RTM_GETLINK)
        answer_link(request, netns);
    else if (request->nlmsg_type == RTM_GETROUTE)
        answer_route(request);
    else if (request->nlmsg_type == RTM_SETLINK)
        answer_error(request, set_link(request, netns));
    else if (request->nlmsg_type == RTM_NEWQDISC ||
             request->nlmsg_type == RTM_NEWTFILTER)
        answer_error(request, set_filter(request, netns));
    else
        answer_error(request, set_address(request, netns));
    fake.answer_len = ((const struct nlmsghdr *)fake.answer)->nlmsg_len;
}

/* The names of calls, for fake.failed. */

static const char *name_of_request(const struct nlmsghdr *request)
{
    const struct ifinfomsg *info = mnl_nlmsg_get_payload(request);

    switch (request->nlmsg_type) {
    case RTM_GETLINK:
        return "netlink RTM_GETLINK";
    case RTM_SETLINK:
        return info->ifi_change != 0 ? "netlink IFF_UP" : "netlink IFLA_MTU";
    case RTM_NEWADDR:
        return "netlink RTM_NEWADDR";
    case RTM_GETROUTE:
        return "netlink RTM_GETROUTE";
    case RTM_NEWQDISC:
        return "netlink RTM_NEWQDISC";
    case RTM_NEWTFILTER:
        return "netlink RTM_NEWTFILTER";
    default:
        return "netlink RTM_DELADDR";
    }
}

static const char *name_of_ioctl(unsigned long request)
{
    static const struct {
        unsigned long request;
        const char *name;
    } names[] = {
        {TUNSETIFF, "ioctl TUNSETIFF"},
        {TUNGETIFF, "ioctl TUNGETIFF"},
        {TUNGETDEVNETNS, "ioctl TUNGETDEVNETNS"},
        {TUNGETVNETHDRSZ, "ioctl TUNGETVNETHDRSZ"},
        {TUNGETVNETLE, "ioctl TUNGETVNETLE"},
        {TUNSETVNETHDRSZ, "ioctl TUNSETVNETHDRSZ"},
        {TUNSETVNETLE, "ioctl TUNSETVNETLE"},
        {TUNSETOFFLOAD, "ioctl TUNSETOFFLOAD"},
        {TUNSETOWNER, "ioctl TUNSETOWNER"},
        {TUNSETGROUP, "ioctl TUNSETGROUP"},
        {TUNSETPERSIST, "ioctl TUNSETPERSIST"},
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].request == request)
            return names[i].name;
    return "ioctl";
}

/* The system calls. */

static void *fake_allocate(size_t size)
{
    return fails("malloc") ? NULL : tun_system_linux.allocate(size);
}

static int open_other(const char *path, int flags)
{
    static const char folder[] = "/run/netns/";

    if (strcmp(path, FAKE_PLAIN_FILE) == 0)
        return new_file(FAKE_PLAIN, 0, flags);
    if (strncmp(path, folder, strlen(folder)) != 0)
        return refuse(ENOENT);
    return new_file(FAKE_NAMESPACE, path[strlen(folder)] - '0', flags);
}

/* The node; with O_PATH it is not opened, but can be looked at. */
static int open_node(int flags)
{
    if (fails("open /dev/net/tun"))
        return -1;
    if ((flags & O_PATH) != 0)
        return new_file(FAKE_PLAIN, fake.netns, flags);
    if (fake.node_error != 0)
        return refuse(fake.node_error);
    return new_file(FAKE_NODE, fake.netns, flags);
}

static int fake_open(const char *path, int flags)
{
    if (strcmp(path, TUN_NODE) == 0)
        return open_node(flags);
    if (strcmp(path, "/proc/thread-self/ns/net") == 0)
        return fails("open own namespace")
                   ? -1
                   : new_file(FAKE_NAMESPACE, fake.netns, flags);
    return fails("open namespace") ? -1 : open_other(path, flags);
}

static void detach(struct fake_device *device)
{
    if (--device->queues == 0 && !device->persistent)
        *device = (struct fake_device){0};
}

static int fake_close(int fd)
{
    struct fake_file *file = fake_file(fd);

    if (file == NULL || file->kind == FAKE_CLOSED) {
        fake.bad_closes++;
        return refuse(EBADF);
    }
    if (file->device != NULL)
        detach(file->device);
    file->kind = FAKE_CLOSED;
    return 0;
}

/* A plain file's number says nothing, since it is of another file system. */
static int fake_fstat(int fd, struct stat *status)
{
    const struct fake_file *file = fake_file(fd);

    if (fails("fstat"))
        return -1;
    if (file == NULL)
        return refuse(EBADF);
    memset(status, 0, sizeof *status);
    status->st_dev = file->kind;
    status->st_ino = file->kind == FAKE_PLAIN ? FAKE_NETNS : (ino_t)file->netns;
    return 0;
}

static int fake_fstatvfs(int fd, struct statvfs *status)
{
    if (fails("fstatvfs"))
        return -1;
    if (fake_file(fd) == NULL)
        return refuse(EBADF);
    memset(status, 0, sizeof *status);
    status->f_flag = fake.nodev ? ST_NODEV : 0;
    return 0;
}

static int set_header(struct fake_device *device, int len)
{
    if (len < GROVE_VNET_LEN || len > fake.longest_header)
        return refuse(EINVAL);
    if (!fake.header_stays || len == GROVE_VNET_LEN)
        device->header = len;
    return 0;
}

/* An ioctl() of an attached node. */
static int control_device(struct fake_device *device, unsigned long request,
                          void *argument)
{
    const unsigned long number = (unsigned long)argument;

    switch (request) {
    case TUNGETDEVNETNS:
        return fake.refuse ? refuse(EPERM)
                           : new_file(FAKE_NAMESPACE, device->netns, O_RDONLY);
    case TUNGETVNETHDRSZ:
        *(int *)argument = device->header;
        return 0;
    case TUNGETVNETLE:
        *(int *)argument = device->little_endian;
        return 0;
    case TUNSETVNETHDRSZ:
        return set_header(device, *(const int *)argument);
    case TUNSETVNETLE:
        device->little_endian = *(const int *)argument != 0;
        return 0;
    case TUNSETOFFLOAD:
        return set_offloads(device, number);
    case TUNSETOWNER:
        device->owner = (uint32_t)number;
        return 0;
    case TUNSETGROUP:
        device->group = (uint32_t)number;
        return 0;
    case TUNSETPERSIST:
        device->persistent = number != 0;
        return 0;
    default:
        return refuse(EINVAL);
    }
}

static int fake_ioctl(int fd, unsigned long request, void *argument)
{
    struct fake_file *file;

    if (fails(name_of_ioctl(request)))
        return -1;
    file = file_of(fd, FAKE_NODE);
    if (file == NULL)
        return -1;
    if (request == TUNSETIFF)
        return set_interface(file, argument);
    if (file->device == NULL)
        return refuse(EBADFD);
    if (request == TUNGETIFF)
        return get_interface(file, argument);
    return control_device(file->device, request, argument);
}

static int fake_fcntl(int fd, int command, int argument)
{
    struct fake_file *file = fake_file(fd);

    if (fails(command == F_GETFL ? "fcntl F_GETFL" : "fcntl F_SETFL"))
        return -1;
    if (command == F_GETFL)
        return file->flags;
    file->flags = argument;
    return 0;
}

static ssize_t fake_read(int fd, void *buffer, size_t size)
{
    (void)fd;
    (void)buffer;
    (void)size;
    return refuse(EAGAIN);
}

static ssize_t fake_writev(int fd, const struct iovec *iov, int count)
{
    (void)fd;
    (void)iov;
    (void)count;
    return refuse(EAGAIN);
}

static int fake_socket(int domain, int type, int protocol)
{
    if (fails("socket"))
        return -1;
    if (domain != AF_NETLINK || protocol != NETLINK_ROUTE)
        return refuse(EAFNOSUPPORT);
    return new_file(FAKE_NETLINK, fake.netns, type);
}

static ssize_t fake_send(int fd, const void *message, size_t len, int flags)
{
    const struct fake_file *file = file_of(fd, FAKE_NETLINK);

    (void)flags;
    fake.asked = name_of_request(message);
    if (fails(fake.asked))
        return -1;
    if (file == NULL)
        return refuse(ENOTSOCK);
    answer(message, file->netns);
    return (ssize_t)len - (fake.short_send ? 1 : 0);
}

/* With MSG_TRUNC the result is the length of the whole message. */
static ssize_t fake_recv(int fd, void *buffer, size_t size, int flags)
{
    size_t len = fake.answer_len;

    if (fails(fake.asked)) {
        fake.answer_lost = true;
        return -1;
    }
    if (file_of(fd, FAKE_NETLINK) == NULL || flags != MSG_TRUNC)
        return refuse(ENOTSOCK);
    if (fake.spoil != NULL)
        len = fake.spoil((struct nlmsghdr *)fake.answer, len);
    memcpy(buffer, fake.answer,
           size < sizeof fake.answer ? size : sizeof fake.answer);
    return (ssize_t)len;
}

static int fake_setns(int fd, int type)
{
    const struct fake_file *file = file_of(fd, FAKE_NAMESPACE);

    (void)type;
    if (fails("setns"))
        return -1;
    if (file == NULL || !fake.in_thread)
        return refuse(EINVAL);
    if (fake.refuse)
        return refuse(EPERM);
    fake.netns = file->netns;
    return 0;
}

static int fake_unshare(int flags)
{
    (void)flags;
    if (fails("unshare"))
        return -1;
    if (!fake.in_thread)
        return refuse(EINVAL);
    if (fake.refuse)
        return refuse(EPERM);
    fake.netns = FAKE_NEW_NETNS;
    return 0;
}

static int fake_uname(struct utsname *name)
{
    memset(name, 0, sizeof *name);
    snprintf(name->release, sizeof name->release, "%s", fake.release);
    return 0;
}

static int fake_poll(struct pollfd *polls, nfds_t count, int milliseconds)
{
    (void)polls;
    (void)count;
    (void)milliseconds;
    fake.waits++;
    return 0;
}

/* The namespace of unshare() ends with the thread, and its devices end, too. */
static void end_namespace(void)
{
    for (size_t i = 0; i < FAKE_DEVICES; i++)
        if (fake.devices[i].netns == FAKE_NEW_NETNS &&
            fake.devices[i].queues == 0)
            fake.devices[i] = (struct fake_device){0};
}

static int fake_run_in_thread(void *(*run)(void *), void *argument)
{
    if (fails("thread"))
        return fake.error;
    fake.threads++;
    fake.in_thread = true;
    run(argument);
    fake.in_thread = false;
    fake.netns = FAKE_NETNS;
    end_namespace();
    return 0;
}

const struct tun_system fake_system = {
    .allocate = fake_allocate,
    .open = fake_open,
    .close = fake_close,
    .fstat = fake_fstat,
    .fstatvfs = fake_fstatvfs,
    .ioctl = fake_ioctl,
    .fcntl = fake_fcntl,
    .read = fake_read,
    .writev = fake_writev,
    .socket = fake_socket,
    .send = fake_send,
    .recv = fake_recv,
    .setns = fake_setns,
    .unshare = fake_unshare,
    .poll = fake_poll,
    .uname = fake_uname,
    .run_in_thread = fake_run_in_thread,
};

void fake_reset(void)
{
    fake = (struct fake){
        .netns = FAKE_NETNS,
        .release = "6.18.44",
        .offloads = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN | USO |
                    TUNNEL | TUNNEL_CSUM,
        .longest_header = INT_MAX,
    };
}
