/* SPDX-License-Identifier: MIT */
#include "tun/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "tun/config.h"
#include "tun/offload.h"

bool tun_look_up(struct tun_opening *opening)
{
    int error;

    if (opening->tun->link.fd < 0)
        return true;
    error = tun_link_find(&opening->tun->link, opening->tun->name,
                          &opening->before);
    opening->tun->index = opening->before.index;
    opening->tun->shared = opening->before.queues > opening->tun->queue_count;
    opening->tun->mtu =
        opening->config->mtu != 0 ? opening->config->mtu : opening->before.mtu;
    /* In TUNGETIFF the bit of IFF_NO_PI means IFF_NOFILTER. */
    if (error == 0 && opening->before.pi)
        return tun_check_cause(opening, GROVE_TUN_STEP_KIND, 0,
                               GROVE_TUN_CAUSE_PI);
    return tun_check(opening, GROVE_TUN_STEP_LINK, 0, error);
}

/* If the answer was lost, the kernel may have made the change. */
static bool set_mtu(struct tun_opening *opening)
{
    const int error = tun_link_set_mtu(
        &opening->tun->link, opening->before.index, opening->config->mtu);

    opening->mtu_set = true;
    return tun_check(opening, GROVE_TUN_STEP_MTU, 0, error);
}

bool tun_raise_mtu(struct tun_opening *opening)
{
    return opening->config->mtu <= opening->before.mtu || set_mtu(opening);
}

/* Under 1280 bytes the kernel removes all IPv6 addresses for good. */
bool tun_lower_mtu(struct tun_opening *opening)
{
    return opening->config->mtu == 0 ||
           opening->config->mtu >= opening->before.mtu || set_mtu(opening);
}

/* An address whose answer was lost stays: it may have been there before. */
bool tun_add_addresses(struct tun_opening *opening)
{
    for (size_t i = 0; i < opening->config->address_count; i++) {
        const int error =
            tun_link_add_address(&opening->tun->link, opening->before.index,
                                 &opening->config->addresses[i]);

        if (error != 0 && error != EEXIST)
            return tun_fail(opening, GROVE_TUN_STEP_ADDRESS, i, error);
        opening->added[i] = error == 0;
    }
    return true;
}

/* An ioctl() of the device that takes a number. Returns 0 or an errno. */
static int set_number(const struct tun_opening *opening, unsigned long request,
                      unsigned long number)
{
    return opening->system->ioctl(opening->tun->queues[0].fd, request,
                                  tun_value(number)) == 0
               ? 0
               : errno;
}

bool tun_set_owner(struct tun_opening *opening)
{
    const uid_t *owner = opening->config->owner;

    return owner == NULL || tun_check(opening, GROVE_TUN_STEP_OWNER, 0,
                                      set_number(opening, TUNSETOWNER, *owner));
}

bool tun_set_group(struct tun_opening *opening)
{
    const gid_t *group = opening->config->group;

    return group == NULL || tun_check(opening, GROVE_TUN_STEP_GROUP, 0,
                                      set_number(opening, TUNSETGROUP, *group));
}

bool tun_set_state(struct tun_opening *opening)
{
    const bool up = opening->config->link == GROVE_TUN_LINK_UP;
    int error;

    if (opening->config->link == GROVE_TUN_LINK_KEEP ||
        up == opening->before.up)
        return true;
    error = tun_link_set_up(&opening->tun->link, opening->before.index, up);
    opening->state_set = true;
    return tun_check(opening, GROVE_TUN_STEP_STATE, 0, error);
}

/* In milliseconds; Linux needs about ten on a busy machine. */
enum { PATIENCE = 1000 };

/*
 * Linux adds the route of an address of IPv6 some time after it has
 * acknowledged the address. Until then it drops the packets to this address.
 * Errors are ignored, since the device works.
 */
bool tun_await_addresses(struct tun_opening *opening)
{
    const struct grove_tun_config *config = opening->config;
    const bool up = config->link == GROVE_TUN_LINK_UP ||
                    (config->link == GROVE_TUN_LINK_KEEP && opening->before.up);
    int patience = up ? PATIENCE : 0;

    for (size_t i = 0; i < config->address_count; i++)
        while (config->addresses[i].family == AF_INET6 && patience > 0 &&
               tun_link_find_route(&opening->tun->link,
                                   &config->addresses[i]) == ENETUNREACH) {
            opening->system->poll(NULL, 0, 1);
            patience--;
        }
    return true;
}

/* Whether another program has queues of the device now. */
static bool is_shared(struct grove_tun *tun)
{
    struct tun_link_state now;

    return tun->link.fd >= 0 &&
           tun_link_read(&tun->link, tun->index, &now) == 0 &&
           now.queues > tun->queue_count;
}

/* Errors are ignored, since nothing can be done then. */
void tun_put_back(struct grove_tun *tun)
{
    struct tun_before *before = &tun->before;
    const struct tun_system *system = tun->system;
    const int fd = tun->queues[0].fd;

    if ((!before->header_set && !before->offload_set) || is_shared(tun))
        return;
    if (before->offload_set)
        system->ioctl(fd, TUNSETOFFLOAD, tun_value(0));
    if (before->header_set) {
        system->ioctl(fd, TUNSETVNETHDRSZ, &before->header_len);
        system->ioctl(fd, TUNSETVNETLE, &before->little_endian);
    }
}

/* Errors are ignored, as in tun_put_back(). */
void tun_undo(struct tun_opening *opening)
{
    const int index = opening->before.index;

    tun_put_back(opening->tun);
    if (opening->state_set)
        tun_link_set_up(&opening->tun->link, index, opening->before.up);
    for (size_t i = 0; i < opening->config->address_count; i++)
        if (opening->added != NULL && opening->added[i])
            tun_link_delete_address(&opening->tun->link, index,
                                    &opening->config->addresses[i]);
    if (opening->mtu_set)
        tun_link_set_mtu(&opening->tun->link, index, opening->before.mtu);
}

/* Without TUNSETVNETLE headers have the byte order of the host. */
enum { LITTLE_ENDIAN_HOST = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ };

/* Takes the headers of a device that another program has. Returns 0 or EBUSY.
 */
static int take_headers(struct tun_opening *opening)
{
    const struct tun_before *before = &opening->tun->before;
    const bool tunnels = tun_config_wants_tunnels(opening->config);

    if (!LITTLE_ENDIAN_HOST && before->little_endian == 0)
        return EBUSY;
    if (before->header_len != GROVE_VNET_LEN &&
        (before->header_len != GROVE_VNET_TUNNEL_LEN || !tunnels))
        return EBUSY;
    opening->tun->layers.vnet_len = (uint8_t)before->header_len;
    return 0;
}

/* Sets the length of headers, and reads it back. Returns 0 or an errno. */
static int set_header_len(struct tun_opening *opening, uint8_t vnet_len)
{
    const struct tun_system *system = opening->system;
    const int fd = opening->tun->queues[0].fd;
    int len = vnet_len;

    if (system->ioctl(fd, TUNSETVNETHDRSZ, &len) != 0 ||
        system->ioctl(fd, TUNGETVNETHDRSZ, &len) != 0)
        return errno;
    if (len != vnet_len)
        return EINVAL;
    opening->tun->layers.vnet_len = vnet_len;
    return 0;
}

/* Long headers, if tunnels are wanted and the kernel takes them. */
static int set_headers(struct tun_opening *opening)
{
    int error = EINVAL;

    if (tun_config_wants_tunnels(opening->config))
        error = set_header_len(opening, GROVE_VNET_TUNNEL_LEN);
    return error == EINVAL ? set_header_len(opening, GROVE_VNET_LEN) : error;
}

bool tun_set_header(struct tun_opening *opening)
{
    struct tun_before *before = &opening->tun->before;
    const struct tun_system *system = opening->system;
    const int fd = opening->tun->queues[0].fd;
    int on = 1;
    int error;

    if (!opening->tun->headers)
        return true;
    if (system->ioctl(fd, TUNGETVNETHDRSZ, &before->header_len) != 0 ||
        system->ioctl(fd, TUNGETVNETLE, &before->little_endian) != 0)
        return tun_fail(opening, GROVE_TUN_STEP_HEADER, 0, errno);
    if (opening->tun->shared)
        return tun_check(opening, GROVE_TUN_STEP_HEADER, 0,
                         take_headers(opening));
    before->header_set = true;
    error = set_headers(opening);
    if (error == 0 && system->ioctl(fd, TUNSETVNETLE, &on) != 0)
        error = errno;
    return tun_check(opening, GROVE_TUN_STEP_HEADER, 0, error);
}

static bool has_long_headers(const struct grove_tun *tun)
{
    return tun->layers.vnet_len == GROVE_VNET_TUNNEL_LEN;
}

/* Another program may have left a mask, so it is cleared first. */
static int set_mask(struct tun_opening *opening)
{
    struct grove_tun *tun = opening->tun;
    int error;

    tun->before.offload_set = true;
    error = set_number(opening, TUNSETOFFLOAD, 0);
    if (error == 0 && tun->headers && !opening->config->no_offload)
        error = tun_take_offloads(opening->system, tun->queues[0].fd,
                                  has_long_headers(tun), &tun->offloads);
    tun->capable = tun_capable(tun->offloads);
    return error;
}

/* Without tunnels in its mask a kernel has no use for long headers. */
static int shorten_headers(struct tun_opening *opening)
{
    struct grove_tun *tun = opening->tun;

    if (!has_long_headers(tun) || (tun->offloads & GROVE_TUN_TUNNEL) != 0)
        return 0;
    return set_header_len(opening, GROVE_VNET_LEN);
}

/* The tunnels that were asked for, if the device carries super-packets in them.
 */
static void set_tunnels(struct tun_opening *opening)
{
    struct grove_tun *tun = opening->tun;

    if (!has_long_headers(tun) || opening->config->tunnel_count == 0)
        return;
    tun->layers.tunnels = tun->tunnels;
    tun->layers.tunnel_count = opening->config->tunnel_count;
    tun->capable |= GROVE_TUN_TUNNELS;
}

/* Which super-packets are not sent. */
static void set_limits(struct tun_opening *opening)
{
    const struct grove_tun_kernel *kernel = opening->config->kernel;

    opening->tun->wrong = kernel != NULL ? kernel->wrong : 0;
    opening->tun->min_tcp_gso_size =
        kernel != NULL ? kernel->min_tcp_gso_size : TUN_SAFE_GSO_SIZE;
}

bool tun_set_offload(struct tun_opening *opening)
{
    struct grove_tun *tun = opening->tun;
    int error = 0;

    set_limits(opening);
    if (!tun->shared)
        error = set_mask(opening);
    else if (tun->headers && !opening->config->no_offload)
        tun->capable = GROVE_TUN_TCP | GROVE_TUN_UDP; /* sending finds out */
    if (error != 0)
        return tun_fail(opening, GROVE_TUN_STEP_OFFLOAD, 0, error);
    if (!tun->shared)
        error = shorten_headers(opening);
    set_tunnels(opening);
    grove_tun_set_coalescing(tun, tun->capable);
    return tun_check(opening, GROVE_TUN_STEP_HEADER, 0, error);
}

/* Sets or clears O_NONBLOCK. Returns 0 or an errno. */
static int set_blocking(const struct tun_opening *opening, int fd)
{
    const struct tun_system *system = opening->system;
    const int flags = system->fcntl(fd, F_GETFL, 0);
    const int wanted = opening->config->non_blocking ? flags | O_NONBLOCK
                                                     : flags & ~O_NONBLOCK;

    if (flags < 0 || system->fcntl(fd, F_SETFL, wanted) < 0)
        return errno;
    return 0;
}

bool tun_set_blocking(struct tun_opening *opening)
{
    if (opening->config->fds == NULL)
        return true;
    for (size_t i = 0; i < opening->tun->queue_count; i++) {
        const int error = set_blocking(opening, opening->tun->queues[i].fd);

        if (error != 0)
            return tun_fail(opening, GROVE_TUN_STEP_BLOCKING, i, error);
    }
    return true;
}

bool tun_set_persist(struct tun_opening *opening)
{
    return !opening->config->persistent ||
           tun_check(opening, GROVE_TUN_STEP_PERSIST, 0,
                     set_number(opening, TUNSETPERSIST, 1));
}
