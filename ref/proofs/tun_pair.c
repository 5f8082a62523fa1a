/* SPDX-License-Identifier: MIT */
/*
 * tun/pair.c: whatever is read from a device, packets lie in the room for them,
 * and both devices are closed if one is not to be had.
 */
#define _GNU_SOURCE
#include "bytes_model.h"

#include "../tun/pair.c"

/* Devices that are open. */
static int opened;

/* By what tun-open proves of it. */
bool tun_open(const struct tun_system *system,
              const struct grove_tun_config *config, struct grove_tun **tun,
              struct grove_tun_error *error)
{
    (void)system;
    PROVE(__CPROVER_r_ok(config->name, 1) && error != NULL);
    *tun = nondet_bool() ? NULL : malloc(sizeof **tun);
    if (*tun != NULL)
        opened++;
    else
        error->step = GROVE_TUN_STEP_NODE;
    return *tun != NULL;
}

void grove_tun_close(struct grove_tun *tun)
{
    if (tun == NULL)
        return;
    opened--;
    free(tun);
}

int tun_redirect(struct tun_link *link, int from, int to)
{
    (void)link;
    (void)from;
    (void)to;
    return (int)nondet_u16();
}

enum grove_tun_cause tun_cause_of(enum grove_tun_step step, int number)
{
    PROVE(step == GROVE_TUN_STEP_REDIRECT && number != 0);
    return GROVE_TUN_CAUSE_UNKNOWN;
}

void proof_tun_pair(void)
{
    struct grove_tun_error error = {.step = GROVE_TUN_STEP_NONE};
    struct tun_pair pair;
    const bool done =
        tun_pair_open(&pair, NULL, nondet_bool(), nondet_bool(), &error);

    PROVE(opened == (done ? 2 : 0));
    PROVE(done == (error.step == GROVE_TUN_STEP_NONE));
    if (done)
        tun_pair_close(&pair);
    PROVE(opened == 0);
    REACHES(done);
    REACHES(error.step == GROVE_TUN_STEP_REDIRECT);
    REACHES(error.step == GROVE_TUN_STEP_NODE);
}

/* ---- Packets ---- */

enum { QUEUES = 1, READS = 3 };

static uint32_t calls;

/* So many calls at most succeed or are to be made again. */
static bool has_patience(void)
{
    return ++calls <= READS;
}

/* As writev(2). */
static ssize_t any_writev(int fd, const struct iovec *iov, int count)
{
    (void)fd;
    PROVE(count == 2);
    for (int i = 0; i < 2; i++)
        PROVE(iov[i].iov_len == 0 ||
              __CPROVER_r_ok(iov[i].iov_base, iov[i].iov_len));
    errno = (int)nondet_u16();
    ASSUME(errno != 0);
    if (nondet_bool())
        return (ssize_t)nondet_u32();
    ASSUME(errno != EINTR || has_patience());
    return -1;
}

/* As read(2): so many bytes, or -1 and any errno. */
static ssize_t any_read(int fd, void *buffer, size_t size)
{
    const uint32_t len = nondet_u32();

    (void)fd;
    PROVE(__CPROVER_w_ok(buffer, size));
    ASSUME(len <= size);
    errno = (int)nondet_u16();
    ASSUME(errno != 0);
    if (!has_patience()) {
        ASSUME(errno != EINTR && errno != EAGAIN);
        return -1;
    }
    return nondet_bool() ? -1 : (ssize_t)len;
}

static int any_poll(struct pollfd *polls, nfds_t count, int milliseconds)
{
    PROVE(__CPROVER_w_ok(polls, sizeof *polls) && count == 1);
    PROVE(milliseconds == PATIENCE_MS);
    errno = (int)nondet_u16();
    ASSUME(errno != 0);
    return nondet_bool() ? -1 : nondet_bool();
}

static const struct tun_system any_system = {
    .writev = any_writev, .read = any_read, .poll = any_poll};

static struct grove_tun *any_tun(void)
{
    struct grove_tun *tun =
        malloc(sizeof *tun + QUEUES * sizeof tun->queues[0]);

    tun->system = &any_system;
    return tun;
}

void proof_tun_pair_write(void)
{
    const struct tun_pair pair = {.in = any_tun()};
    struct tun_sample sample;
    int error;

    ASSUME(pair.in->layers.vnet_len == GROVE_VNET_LEN ||
           pair.in->layers.vnet_len == GROVE_VNET_TUNNEL_LEN);
    sample.packet = any_bytes(TUN_SAMPLE_MAX);
    error = tun_pair_write(&pair, &sample);
    PROVE(error >= 0 && error != EINTR);
    REACHES(error == 0 && sample.packet.len == TUN_SAMPLE_MAX && calls == 2);
    REACHES(error == EPROTO);
    REACHES(error == EINVAL);
}

/* One packet, with any bytes. */
void proof_tun_pair_packet(void)
{
    const struct bytes memory = any_bytes(TUN_READ_MAX);
    const struct buffer room = {(uint8_t *)memory.at, memory.len};
    struct bytes packet;

    ASSUME(memory.at != NULL);
    const int error = read_packet(any_tun(), room, &packet);

    PROVE(error >= 0 && error != EINTR);
    if (error == 0) {
        PROVE(packet.at == room.at + GROVE_VNET_LEN);
        PROVE(packet.len <= room.len - GROVE_VNET_LEN);
    }
    REACHES(error == 0 && packet.len == GROVE_MAX_PACKET_LEN && calls == READS);
    REACHES(error == 0 && packet.len == 0);
    REACHES(error == ETIMEDOUT);
    REACHES(error == EPROTO);
}

/* In the place of read_packet(): READS packets at most. */
int read_any(const struct grove_tun *tun, struct buffer room,
             struct bytes *packet)
{
    const uint32_t len = nondet_u32();

    (void)tun;
    PROVE(__CPROVER_w_ok(room.at, room.len));
    PROVE(room.len >= GROVE_VNET_LEN_MAX + TUN_SAMPLE_MAX);
    if (!has_patience())
        return ETIMEDOUT;
    ASSUME(len <= room.len - GROVE_VNET_LEN);
    *packet = (struct bytes){room.at + GROVE_VNET_LEN, len};
    return nondet_bool() ? 0 : EPROTO;
}

/* By what tun-burst proves of it. */
void tun_burst_add(struct tun_burst *burst, struct bytes packet)
{
    const uint32_t used = (uint32_t)(packet.at - burst->room.at) + packet.len;

    PROVE(used <= burst->room.len);
    if (burst->room.len - used < GROVE_VNET_LEN_MAX + TUN_SAMPLE_MAX)
        return;
    burst->count++;
    burst->room = buffer_from(burst->room, used);
}

void proof_tun_pair_read(void)
{
    static uint8_t memory[TUN_READ_MAX];
    static struct tun_burst burst;
    const struct tun_pair pair = {.out = any_tun()};
    const struct bytes last = any_bytes(TUN_SAMPLE_MAX);
    int error;

    burst.room = (struct buffer){memory, sizeof memory};
    error = tun_pair_read(&pair, last, &burst);
    PROVE(error >= 0 && burst.count <= READS);
    REACHES(error == 0 && burst.count == READS - 1);
    REACHES(error == ETIMEDOUT && burst.count == 1);
}
