/* SPDX-License-Identifier: MIT */
/*
 * tun/settings.c, tun/offload.c, tun/opening.c: whatever each system call says,
 * each setting is made or fails with its step, and what was changed is known to
 * who undoes it.
 */
#define _GNU_SOURCE
#include "proof.h"

#include "../tun/offload.c"
#include "../tun/opening.c"
#include "../tun/settings.c"
#include <linux/if_tun.h>

enum { QUEUES = 2, ADDRESSES = 2 };

/* An errno, or 0. */
static int any_error(void)
{
    const int error = (int)nondet_u16();

    return nondet_bool() ? 0 : error;
}

/* As ioctl(2): requests that read need a place for a number. */
static int any_ioctl(int fd, unsigned long request, void *argument)
{
    (void)fd;
    if (request == TUNGETVNETHDRSZ || request == TUNGETVNETLE) {
        PROVE(__CPROVER_w_ok(argument, sizeof(int)));
        *(int *)argument = (int)nondet_u32();
    }
    PROVE((request != TUNSETVNETHDRSZ && request != TUNSETVNETLE) ||
          __CPROVER_r_ok(argument, sizeof(int)));
    errno = (int)nondet_u16();
    ASSUME(errno != 0);
    return nondet_bool() ? -1 : 0;
}

static int any_fcntl(int fd, int command, int argument)
{
    (void)fd;
    PROVE(command != F_SETFL || argument >= 0);
    errno = (int)nondet_u16();
    ASSUME(errno != 0);
    return nondet_bool() ? -1 : (int)nondet_u16();
}

static uint32_t polls;

static int any_poll(struct pollfd *fds, nfds_t count, int milliseconds)
{
    PROVE(fds == NULL && count == 0 && milliseconds == 1);
    polls++;
    return 0;
}

/* ---- tun/link.c, by what its proofs say ---- */

static int any_link_state(struct tun_link_state *state)
{
    struct tun_link_state any;

    *state = any;
    return any_error();
}

int tun_link_find(struct tun_link *link, const char *name,
                  struct tun_link_state *state)
{
    PROVE(link->fd >= 0 && __CPROVER_r_ok(name, 1));
    return any_link_state(state);
}

int tun_link_read(struct tun_link *link, int index,
                  struct tun_link_state *state)
{
    (void)index;
    PROVE(link->fd >= 0);
    return any_link_state(state);
}

int tun_link_set_mtu(struct tun_link *link, int index, uint32_t mtu)
{
    (void)link;
    (void)index;
    (void)mtu;
    return any_error();
}

int tun_link_set_up(struct tun_link *link, int index, bool up)
{
    (void)link;
    (void)index;
    (void)up;
    return any_error();
}

static uint32_t deleted;

int tun_link_add_address(struct tun_link *link, int index,
                         const struct grove_tun_address *address)
{
    (void)link;
    (void)index;
    PROVE(__CPROVER_r_ok(address, sizeof *address));
    return any_error();
}

int tun_link_delete_address(struct tun_link *link, int index,
                            const struct grove_tun_address *address)
{
    (void)link;
    (void)index;
    PROVE(__CPROVER_r_ok(address, sizeof *address));
    deleted++;
    return any_error();
}

int tun_link_find_route(struct tun_link *link,
                        const struct grove_tun_address *address)
{
    (void)link;
    PROVE(__CPROVER_r_ok(address, sizeof *address));
    return polls < 2 ? any_error() : 0;
}

static bool wants_tunnels;

bool tun_config_wants_tunnels(const struct grove_tun_config *asked)
{
    (void)asked;
    return wants_tunnels;
}

void grove_tun_set_coalescing(struct grove_tun *tun, uint32_t protocols)
{
    PROVE((protocols & ~tun->capable) == 0);
}

/* ---- A device that is being opened ---- */

static const struct tun_system any_system = {
    .ioctl = any_ioctl, .fcntl = any_fcntl, .poll = any_poll};
static struct grove_tun *tun;
static struct tun_opening opening;
static struct grove_tun_config config;
static bool added[ADDRESSES];

static void make_opening(void)
{
    static struct grove_tun_address addresses[ADDRESSES];
    static struct grove_tun_kernel kernel;
    static int fds[QUEUES];
    static uid_t owner;
    struct grove_tun_config any;
    struct tun_link_state before;

    tun = malloc(sizeof *tun + QUEUES * sizeof tun->queues[0]);
    ASSUME(tun->queue_count >= 1 && tun->queue_count <= QUEUES);
    ASSUME(any.address_count <= ADDRESSES);
    tun->system = &any_system;
    wants_tunnels = nondet_bool();
    __CPROVER_havoc_object(addresses);
    __CPROVER_havoc_object(&kernel);
    config = any;
    config.addresses = addresses;
    config.owner = nondet_bool() ? &owner : NULL;
    config.group = nondet_bool() ? &owner : NULL;
    config.fds = nondet_bool() ? fds : NULL;
    config.kernel = nondet_bool() ? &kernel : NULL;
    opening =
        (struct tun_opening){.system = &any_system,
                             .config = &config,
                             .tun = tun,
                             .before = before,
                             .added = any.address_count != 0 ? added : NULL};
}

/* A part that fails names its step and an errno. */
static void prove_part(bool done)
{
    PROVE(done == (opening.error.step == GROVE_TUN_STEP_NONE));
    PROVE(done || opening.error.number != 0);
}

void proof_tun_settings_link(void)
{
    bool done;

    make_opening();
    done = tun_look_up(&opening) && tun_raise_mtu(&opening) &&
           tun_add_addresses(&opening) && tun_set_owner(&opening) &&
           tun_set_group(&opening) && tun_lower_mtu(&opening) &&
           tun_set_state(&opening) && tun_await_addresses(&opening);
    prove_part(done);
    PROVE(opening.error.index < ADDRESSES);
    if (!done)
        tun_undo(&opening);
    PROVE(deleted == (done ? 0U : (uint32_t)added[0] + added[1]));
    REACHES(done && config.address_count == 2 && polls == 2);
    REACHES(deleted == 2 && opening.mtu_set && opening.state_set);
    REACHES(opening.error.step == GROVE_TUN_STEP_KIND);
}

void proof_tun_settings_fds(void)
{
    bool done;

    make_opening();
    done = tun_set_header(&opening) && tun_set_offload(&opening) &&
           tun_set_blocking(&opening) && tun_set_persist(&opening);
    prove_part(done);
    PROVE(opening.error.index < QUEUES);
    tun_put_back(tun);
    REACHES(done && tun->offloads != 0 && config.fds == NULL);
    REACHES(opening.error.step == GROVE_TUN_STEP_BLOCKING &&
            opening.error.index == 1);
    REACHES(opening.error.step == GROVE_TUN_STEP_HEADER);
}
