/* SPDX-License-Identifier: MIT */
/*
 * tun/link.c: every request has room, and of an answer no byte is read that was
 * not received, whatever the kernel says.
 */
#define _GNU_SOURCE
#include "mnl_model.h"

#include "../tun/link.c"

/* How much of the answer the kernel wrote. */
static uint32_t answered;

/* As send(2): so many bytes, or -1 and any errno. */
static ssize_t any_send(int fd, const void *message, size_t len, int flags)
{
    const uint32_t sent = nondet_u32();

    (void)fd;
    (void)flags;
    PROVE(__CPROVER_r_ok(message, len) && len <= sizeof(union tun_request));
    errno = (int)nondet_u32();
    ASSUME(errno > 0);
    return nondet_bool() ? -1 : (ssize_t)sent;
}

/* As recv(2) with MSG_TRUNC: the length of the answer, which may be longer. */
static ssize_t any_recv(int fd, void *buffer, size_t size, int flags)
{
    const uint32_t len = nondet_u32();

    (void)fd;
    PROVE(__CPROVER_w_ok(buffer, size) && (flags & MSG_TRUNC) != 0);
    ASSUME(len <= INT32_MAX);
    errno = (int)nondet_u32();
    ASSUME(errno > 0);
    answered = len < size ? len : (uint32_t)size;
    return nondet_bool() ? -1 : (ssize_t)len;
}

static int any_socket(int domain, int type, int protocol)
{
    (void)domain;
    (void)type;
    (void)protocol;
    errno = (int)nondet_u32();
    ASSUME(errno > 0);
    return nondet_bool() ? -1 : (int)nondet_u16();
}

static int any_close(int fd)
{
    PROVE(fd >= 0);
    return nondet_bool() ? -1 : 0;
}

static const struct tun_system any_system = {.send = any_send,
                                             .recv = any_recv,
                                             .socket = any_socket,
                                             .close = any_close};

static struct tun_link any_link_of_tun(void)
{
    return (struct tun_link){&any_system, (int)nondet_u16(), nondet_u32()};
}

/* The state of a device, from any answer. */
void proof_tun_link_read(void)
{
    struct tun_link link = any_link_of_tun();
    struct tun_link_state state;
    char name[IFNAMSIZ];
    int error;

    name[IFNAMSIZ - 1] = '\0';
    error = nondet_bool() ? tun_link_find(&link, name, &state)
                          : tun_link_read(&link, (int)nondet_u16(), &state);
    PROVE(error >= 0);
    PROVE(error != 0 || (state.mtu != 0 && answered >= 32));
    REACHES(error == 0 && state.tun && state.pi && state.queues == 7);
    REACHES(error == EPROTO);
    REACHES(error == ENODEV);
}

/* The kernel acknowledges a change, or says why not. */
void proof_tun_link_change(void)
{
    struct tun_link link = any_link_of_tun();
    const int index = (int)nondet_u32();
    struct grove_tun_address address;
    int error;

    switch (nondet_u16()) {
    case 0:
        error = tun_link_set_mtu(&link, index, nondet_u32());
        break;
    case 1:
        error = tun_link_set_up(&link, index, nondet_bool());
        break;
    case 2:
        error = tun_link_add_address(&link, index, &address);
        break;
    case 3:
        error = tun_link_delete_address(&link, index, &address);
        break;
    default:
        error = tun_link_find_route(&link, &address);
        break;
    }
    PROVE(error >= 0);
    REACHES(error == 0);
    REACHES(error == EEXIST);
    REACHES(error == ENETUNREACH);
}

/* The socket is closed once, if it was opened. */
void proof_tun_link_open(void)
{
    struct tun_link link;
    const int error = tun_link_open(&link, &any_system);

    PROVE((error == 0) == (link.fd >= 0));
    tun_link_close(&link);
    tun_link_close(&link);
    PROVE(link.fd == -1);
    REACHES(error == 0);
    REACHES(error == EMFILE);
}
