/* SPDX-License-Identifier: MIT */
#include "tun/cause.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <sys/socket.h>
#include <sys/statvfs.h>

#include "tun/config.h"

/* Steps and errnos that have one cause. */
static const struct {
    enum grove_tun_step step;
    int number;
    enum grove_tun_cause cause;
} causes[] = {
    {GROVE_TUN_STEP_KIND, EBADF, GROVE_TUN_CAUSE_CLOSED},
    {GROVE_TUN_STEP_KIND, ENOTTY, GROVE_TUN_CAUSE_NO_TUN},
    {GROVE_TUN_STEP_KIND, EBADFD, GROVE_TUN_CAUSE_DETACHED},
    {GROVE_TUN_STEP_NAMESPACE, ENOENT, GROVE_TUN_CAUSE_NETNS_MISSING},
    {GROVE_TUN_STEP_NAMESPACE, EINVAL, GROVE_TUN_CAUSE_NETNS_KIND},
    {GROVE_TUN_STEP_NAMESPACE, EPERM, GROVE_TUN_CAUSE_NETNS_TO},
    {GROVE_TUN_STEP_NODE, ENOENT, GROVE_TUN_CAUSE_NODE_MISSING},
    {GROVE_TUN_STEP_NODE, EISDIR, GROVE_TUN_CAUSE_NODE_FOLDER},
    {GROVE_TUN_STEP_NODE, ENXIO, GROVE_TUN_CAUSE_NODE_DRIVER},
    {GROVE_TUN_STEP_NODE, ENODEV, GROVE_TUN_CAUSE_NODE_DRIVER},
    {GROVE_TUN_STEP_NODE, EPERM, GROVE_TUN_CAUSE_NODE_CGROUP},
    {GROVE_TUN_STEP_ATTACH, ENOTTY, GROVE_TUN_CAUSE_NODE_FILE},
    {GROVE_TUN_STEP_ATTACH, EBUSY, GROVE_TUN_CAUSE_BUSY},
    {GROVE_TUN_STEP_ATTACH, E2BIG, GROVE_TUN_CAUSE_TOO_MANY},
    {GROVE_TUN_STEP_MTU, EINVAL, GROVE_TUN_CAUSE_MTU},
    {GROVE_TUN_STEP_MTU, EPERM, GROVE_TUN_CAUSE_RIGHTS},
    {GROVE_TUN_STEP_ADDRESS, EACCES, GROVE_TUN_CAUSE_IP6_OFF},
    {GROVE_TUN_STEP_ADDRESS, EOPNOTSUPP, GROVE_TUN_CAUSE_IP6_NONE},
    {GROVE_TUN_STEP_ADDRESS, EADDRNOTAVAIL, GROVE_TUN_CAUSE_ADDRESS},
    {GROVE_TUN_STEP_ADDRESS, EPERM, GROVE_TUN_CAUSE_RIGHTS},
    {GROVE_TUN_STEP_OWNER, EPERM, GROVE_TUN_CAUSE_RIGHTS},
    {GROVE_TUN_STEP_GROUP, EPERM, GROVE_TUN_CAUSE_RIGHTS},
    {GROVE_TUN_STEP_STATE, EPERM, GROVE_TUN_CAUSE_RIGHTS},
    {GROVE_TUN_STEP_HEADER, EBUSY, GROVE_TUN_CAUSE_HEADERS},
    {GROVE_TUN_STEP_HEADER, EBADFD, GROVE_TUN_CAUSE_DELETED},
    {GROVE_TUN_STEP_OFFLOAD, EBADFD, GROVE_TUN_CAUSE_DELETED},
    {GROVE_TUN_STEP_REDIRECT, ENOENT, GROVE_TUN_CAUSE_REDIRECT},
    {GROVE_TUN_STEP_REDIRECT, EOPNOTSUPP, GROVE_TUN_CAUSE_REDIRECT},
    {GROVE_TUN_STEP_REDIRECT, EPERM, GROVE_TUN_CAUSE_RIGHTS},
};

/* EACCES of the node: the mount forbids every node, or the mode this user. */
static enum grove_tun_cause look_at_node(const struct tun_system *system)
{
    const int fd = system->open(TUN_NODE, O_PATH | O_CLOEXEC);
    struct statvfs status = {0};
    int error;

    if (fd < 0)
        return GROVE_TUN_CAUSE_NODE_MODE;
    error = system->fstatvfs(fd, &status);
    system->close(fd);
    return error == 0 && (status.f_flag & ST_NODEV) != 0
               ? GROVE_TUN_CAUSE_NODE_MOUNT
               : GROVE_TUN_CAUSE_NODE_MODE;
}

/* EINVAL: the device is of another kind than was asked for. */
static enum grove_tun_cause compare_kind(bool tap,
                                         const struct tun_link_state *state)
{
    if (state->type == 0)
        return GROVE_TUN_CAUSE_KIND;
    if (state->type != (tap ? IFF_TAP : IFF_TUN))
        return tap ? GROVE_TUN_CAUSE_TUN : GROVE_TUN_CAUSE_TAP;
    return state->multi_queue ? GROVE_TUN_CAUSE_MULTI_QUEUE
                              : GROVE_TUN_CAUSE_SINGLE_QUEUE;
}

/* EPERM or EINVAL: by what device has the name, if there is one. */
static enum grove_tun_cause look_at_device(struct tun_opening *opening)
{
    const char *name = opening->config->name;
    const bool rights = opening->error.number == EPERM;
    struct tun_link_state state;

    if (name != NULL && tun_link_find(&opening->tun->link, name, &state) == 0)
        return rights ? GROVE_TUN_CAUSE_OWNER
                      : compare_kind(opening->config->tap, &state);
    return rights ? GROVE_TUN_CAUSE_RIGHTS : GROVE_TUN_CAUSE_UNKNOWN;
}

/* EINVAL: the kernel refuses the address, or has removed IPv6. */
static enum grove_tun_cause look_at_address(const struct tun_opening *opening)
{
    const struct grove_tun_address *address =
        &opening->config->addresses[opening->error.index];

    return address->family == AF_INET6 && opening->tun->mtu < TUN_IP6_MIN_MTU
               ? GROVE_TUN_CAUSE_IP6_MTU
               : GROVE_TUN_CAUSE_ADDRESS;
}

enum grove_tun_cause tun_cause_of(enum grove_tun_step step, int number)
{
    for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++)
        if (causes[i].step == step && causes[i].number == number)
            return causes[i].cause;
    return GROVE_TUN_CAUSE_UNKNOWN;
}

void tun_find_cause(struct tun_opening *opening)
{
    struct grove_tun_error *error = &opening->error;
    const int number = error->number;

    if (error->cause != GROVE_TUN_CAUSE_UNKNOWN)
        return;
    if (error->step == GROVE_TUN_STEP_NODE && number == EACCES)
        error->cause = look_at_node(opening->system);
    else if (error->step == GROVE_TUN_STEP_ATTACH &&
             (number == EPERM || number == EINVAL))
        error->cause = look_at_device(opening);
    else if (error->step == GROVE_TUN_STEP_ADDRESS && number == EINVAL)
        error->cause = look_at_address(opening);
    else
        error->cause = tun_cause_of(error->step, number);
}

/* The words of each cause: what is wrong, and what helps. */
static const struct {
    const char *cause;
    const char *remedy;
} words[] = {
    [GROVE_TUN_CAUSE_UNKNOWN] = {"unknown cause", "see the errno"},
    [GROVE_TUN_CAUSE_NAME_LENGTH] = {"the name has more than 15 characters",
                                     "choose a shorter name"},
    [GROVE_TUN_CAUSE_NAME] =
        {"an interface cannot have this name",
         "use no blank, '/' or ':', and no '%' but one \"%d\""},
    [GROVE_TUN_CAUSE_QUEUES] = {"the number of queues is wrong",
                                "open 1 to 256 queues"},
    [GROVE_TUN_CAUSE_FDS] = {"descriptors are given with a name or queues, "
                             "or one is given twice",
                             "give only descriptors, each once"},
    [GROVE_TUN_CAUSE_FAMILY] = {"an address has a wrong family or prefix",
                                "use prefixes of 0 to 32 bits, and of 0 to "
                                "128 bits with IPv6"},
    [GROVE_TUN_CAUSE_IP6_MTU] = {"the MTU is too small for IPv6",
                                 "set an MTU of 1280 bytes or more"},
    [GROVE_TUN_CAUSE_NOBODY] = {"the owner or the group is -1",
                                "name a user or a group"},
    [GROVE_TUN_CAUSE_LINK_VALUE] = {"the wanted state is unknown",
                                    "use a value of enum grove_tun_link"},
    [GROVE_TUN_CAUSE_TUNNELS] = {"the tunnels are wrong",
                                 "give at most 8, with the ports of UDP"},
    [GROVE_TUN_CAUSE_NOT_OVER_UDP] =
        {"no virtio header tells of a tunnel that is not over UDP",
         "give VXLAN, VXLAN-GPE and GENEVE only"},
    [GROVE_TUN_CAUSE_NOT_AT_A_TAP] =
        {"a TUN carries no super-packets in tunnels",
         "open a TAP (--tap), or give no tunnels"},
    [GROVE_TUN_CAUSE_PROFILE] = {"no profile has this name",
                                 "use one of grove_profile_canonical()"},
    [GROVE_TUN_CAUSE_RIGHTS] = {"CAP_NET_ADMIN is missing",
                                "run it as root; in a container, add "
                                "--cap-add=NET_ADMIN"},
    [GROVE_TUN_CAUSE_OWNER] = {"the device belongs to another user",
                               "run it as the owner of the device, or as root"},
    [GROVE_TUN_CAUSE_NETNS_TO] = {"entering the namespace is forbidden",
                                  "run it as root, with CAP_SYS_ADMIN"},
    [GROVE_TUN_CAUSE_NODE_MODE] = {"the mode of the node forbids it",
                                   "run it as root, or chmod 666 /dev/net/tun"},
    [GROVE_TUN_CAUSE_NODE_MISSING] =
        {"the node is not there",
         "run `modprobe tun`; in a container, add --device=/dev/net/tun"},
    [GROVE_TUN_CAUSE_NODE_FOLDER] =
        {"it is a folder", "remove the folder, and add --device=/dev/net/tun "
                           "instead of a volume"},
    [GROVE_TUN_CAUSE_NODE_FILE] =
        {"/dev/net/tun is not the node of the TUN driver",
         "remove it, and run `mknod /dev/net/tun c 10 200`"},
    [GROVE_TUN_CAUSE_NODE_DRIVER] =
        {"no driver has the node",
         "run `modprobe tun` on the host; the node is `c 10 200`"},
    [GROVE_TUN_CAUSE_NODE_MOUNT] =
        {"its file system is mounted with nodev",
         "mount it with dev, or bind the host's /dev/net/tun there"},
    [GROVE_TUN_CAUSE_NODE_CGROUP] =
        {"the container may not use the device",
         "add --device=/dev/net/tun to the container"},
    [GROVE_TUN_CAUSE_KIND] = {"the interface is neither a TUN nor a TAP",
                              "choose another name"},
    [GROVE_TUN_CAUSE_TAP] =
        {"the device is a TAP",
         "open it as a TAP (--tap), or choose another name"},
    [GROVE_TUN_CAUSE_TUN] = {"the device is a TUN",
                             "open it without tap, or choose another name"},
    [GROVE_TUN_CAUSE_PI] = {"the device was made without IFF_NO_PI",
                            "make it without packet information (pi off)"},
    [GROVE_TUN_CAUSE_MULTI_QUEUE] = {"the device was made with multi_queue",
                                     "ask for 1 queue or more (--queues=1)"},
    [GROVE_TUN_CAUSE_SINGLE_QUEUE] =
        {"the device has a single queue",
         "make it with multi_queue, or ask for no number of queues"},
    [GROVE_TUN_CAUSE_BUSY] = {"a program has the device open",
                              "stop that program, or choose another name"},
    [GROVE_TUN_CAUSE_TOO_MANY] = {"the device has too many queues",
                                  "close some, or open fewer"},
    [GROVE_TUN_CAUSE_HEADERS] = {"another program has chosen other headers",
                                 "stop that program, or choose another name"},
    [GROVE_TUN_CAUSE_DELETED] = {"the device was deleted meanwhile",
                                 "open it again"},
    [GROVE_TUN_CAUSE_CLOSED] = {"the descriptor is not open",
                                "pass the descriptor to this process"},
    [GROVE_TUN_CAUSE_NO_TUN] = {"it is not a descriptor of a TUN device",
                                "adopt a descriptor of /dev/net/tun"},
    [GROVE_TUN_CAUSE_DETACHED] = {"the descriptor has no device",
                                  "attach it first, by TUNSETIFF"},
    [GROVE_TUN_CAUSE_MIXED] = {"the descriptors are of different devices",
                               "adopt the descriptors of one device"},
    [GROVE_TUN_CAUSE_NETNS_MISSING] = {"there is no such namespace",
                                       "see `ip netns`"},
    [GROVE_TUN_CAUSE_NETNS_KIND] = {"the file is not a network namespace",
                                    "see `ip netns`"},
    [GROVE_TUN_CAUSE_MTU] = {"the MTU is out of range",
                             "set 68 to 65535 bytes, at a TAP at most 65521"},
    [GROVE_TUN_CAUSE_IP6_OFF] =
        {"IPv6 is disabled on the device",
         "set net.ipv6.conf.default.disable_ipv6=0, or that of the device"},
    [GROVE_TUN_CAUSE_IP6_NONE] = {"the kernel has no IPv6",
                                  "boot without ipv6.disable=1"},
    [GROVE_TUN_CAUSE_ADDRESS] = {"a host cannot have this address",
                                 "use a unicast address"},
    [GROVE_TUN_CAUSE_REDIRECT] =
        {"the kernel cannot redirect packets",
         "run `modprobe -a sch_ingress cls_bpf act_mirred` on the host"},
};

static size_t number_of(enum grove_tun_cause cause)
{
    return (unsigned)cause < sizeof words / sizeof words[0] ? cause : 0;
}

const char *grove_tun_cause_words(enum grove_tun_cause cause)
{
    return words[number_of(cause)].cause;
}

const char *grove_tun_remedy_words(enum grove_tun_cause cause)
{
    return words[number_of(cause)].remedy;
}

bool grove_tun_cause_is_rights(enum grove_tun_cause cause)
{
    return cause >= GROVE_TUN_CAUSE_RIGHTS &&
           cause <= GROVE_TUN_CAUSE_NODE_CGROUP;
}
