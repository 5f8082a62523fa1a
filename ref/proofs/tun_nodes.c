/* SPDX-License-Identifier: MIT */
/*
 * tun/nodes.c: whatever each system call says, a descriptor that is open
 * belongs to a queue, and a name that the kernel gives ends in its memory.
 */
#define _GNU_SOURCE
#include "proof.h"

#include <string.h>

/* C11, 7.24.2.1, byte by byte, which is what the solver is quick at. */
static void *copy_bytes(void *to, const void *from, size_t len)
{
    for (size_t i = 0; i < len; i++)
        ((uint8_t *)to)[i] = ((const uint8_t *)from)[i];
    return to;
}

#define memcpy copy_bytes

#include "../tun/nodes.c"
#include "../tun/opening.c"

enum { QUEUES = 2 };

/* Descriptors that were opened here, and not closed. */
static int opened;

static int any_open(const char *path, int flags)
{
    const int fd = (int)nondet_u16();

    PROVE(__CPROVER_r_ok(path, 1) && (flags & O_CLOEXEC) != 0);
    errno = (int)nondet_u16();
    ASSUME(errno != 0);
    if (nondet_bool())
        return -1;
    opened++;
    return fd;
}

static int any_close(int fd)
{
    PROVE(fd >= 0 && opened > 0);
    opened--;
    return 0;
}

static int any_fstat(int fd, struct stat *status)
{
    struct stat any;

    PROVE(fd >= 0);
    *status = any;
    return nondet_bool() ? -1 : 0;
}

/* As ioctl(2): a name ends in its memory, also one that is given. */
static int any_ioctl(int fd, unsigned long request, void *argument)
{
    struct ifreq *const interface = argument;
    struct ifreq any;

    PROVE(fd >= 0);
    errno = (int)nondet_u16();
    ASSUME(errno != 0);
    if (nondet_bool())
        return -1;
    if (request == TUNGETDEVNETNS) {
        PROVE(argument == NULL);
        opened++;
        return (int)nondet_u16();
    }
    PROVE(request == TUNSETIFF || request == TUNGETIFF);
    PROVE(__CPROVER_w_ok(interface, sizeof *interface));
    PROVE(interface->ifr_name[IFNAMSIZ - 1] == '\0');
    any.ifr_name[IFNAMSIZ - 1] = '\0';
    *interface = any;
    return 0;
}

static int any_setns(int fd, int type)
{
    PROVE(fd >= 0 && type == CLONE_NEWNET);
    errno = (int)nondet_u16();
    ASSUME(errno != 0);
    return nondet_bool() ? -1 : 0;
}

static int run_any(void *(*run)(void *), void *argument)
{
    const int error = (int)nondet_u16();

    if (error == 0)
        run(argument);
    return error;
}

int tun_link_open(struct tun_link *link, const struct tun_system *system)
{
    const int error = (int)nondet_u16();

    link->system = system;
    link->fd = error == 0 ? (int)nondet_u16() : -1;
    return error;
}

bool tun_config_sets_link(const struct grove_tun_config *config)
{
    (void)config;
    return nondet_bool();
}

/* ---- A device that is being opened ---- */

static struct tun_opening opening;
static struct grove_tun_config config;

static void make_opening(void)
{
    static const struct tun_system any_system = {.open = any_open,
                                                 .close = any_close,
                                                 .fstat = any_fstat,
                                                 .ioctl = any_ioctl,
                                                 .setns = any_setns,
                                                 .run_in_thread = run_any};
    static char name[IFNAMSIZ];
    static int fds[QUEUES];
    struct grove_tun *const tun =
        malloc(sizeof *tun + QUEUES * sizeof tun->queues[0]);
    struct grove_tun_config any;

    __CPROVER_havoc_object(name);
    name[IFNAMSIZ - 1] = '\0';
    for (uint32_t i = 0; i < QUEUES; i++)
        fds[i] = (int)nondet_u16();
    config = any;
    config.name = nondet_bool() ? name : NULL;
    config.netns = nondet_bool() ? "net" : NULL;
    config.fds = nondet_bool() ? fds : NULL;
    tun->queue_count = nondet_bool() ? 1 : QUEUES;
    tun->link.fd = -1;
    for (uint32_t i = 0; i < QUEUES; i++)
        tun->queues[i].fd = -1;
    opening = (struct tun_opening){
        .system = &any_system, .config = &config, .tun = tun};
}

/* How many queues have a descriptor. */
static int with_descriptor(void)
{
    int count = 0;

    for (uint32_t i = 0; i < opening.tun->queue_count; i++)
        count += opening.tun->queues[i].fd >= 0;
    return count;
}

/* A part that fails names its step, and a queue. */
static void prove_part(bool done)
{
    PROVE(done || opening.error.step != GROVE_TUN_STEP_NONE);
    PROVE(opening.error.index < QUEUES);
}

void proof_tun_nodes(void)
{
    bool done;

    make_opening();
    done = tun_adopt(&opening) && tun_open_nodes(&opening);
    prove_part(done);
    PROVE(config.fds != NULL ? opened == 0 : opened == with_descriptor());
    PROVE(!done || with_descriptor() == (int)opening.tun->queue_count);
    REACHES(done && opened == QUEUES && config.netns != NULL);
    REACHES(done && config.fds != NULL && opening.tun->link.fd < 0);
    REACHES(opening.error.step == GROVE_TUN_STEP_NODE && opened == 1);
    REACHES(opening.error.cause == GROVE_TUN_CAUSE_MIXED);
    REACHES(opening.error.step == GROVE_TUN_STEP_NAMESPACE);
}

void proof_tun_attach(void)
{
    bool done;

    make_opening();
    for (uint32_t i = 0; i < QUEUES; i++)
        opening.tun->queues[i].fd = (int)nondet_u16();
    done = tun_attach(&opening);
    prove_part(done);
    PROVE(!done || config.fds != NULL ||
          opening.tun->name[IFNAMSIZ - 1] == '\0');
    REACHES(done && config.fds == NULL && config.name == NULL);
    REACHES(opening.error.step == GROVE_TUN_STEP_ATTACH &&
            opening.error.index == 1);
    REACHES(opening.error.step == GROVE_TUN_STEP_KIND);
}
