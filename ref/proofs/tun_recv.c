/* SPDX-License-Identifier: MIT */
/*
 * tun/recv.c: whatever read(2) says, and whatever the splitter makes of what it
 * read. Buffers of the caller are written inside.
 */
#define _GNU_SOURCE
#include "proof.h"

#include "../tun/recv.c"
#include "../tun/result.c"

enum { MOST = 3 };

static uint8_t read_bytes[TUN_READ_MAX];
static uint32_t left;
static uint8_t vnet_len;

/* As read(2): so many bytes, or -1 and any errno. */
static ssize_t any_read(int fd, void *buffer, size_t size)
{
    const uint32_t len = nondet_u32();

    (void)fd;
    PROVE(__CPROVER_w_ok(buffer, size));
    PROVE(left == 0);
    errno = (int)nondet_u32();
    ASSUME(len <= size);
    return nondet_bool() ? -1 : (ssize_t)len;
}

/* By what tag proves of it. */
void grove_vnet_count_tag(uint8_t wire[GROVE_VNET_TUNNEL_LEN],
                          const uint8_t *frame, size_t len)
{
    PROVE(vnet_len == GROVE_VNET_TUNNEL_LEN);
    PROVE(__CPROVER_w_ok(wire, GROVE_VNET_TUNNEL_LEN));
    PROVE(len == 0 || __CPROVER_r_ok(frame, len));
}

enum grove_split_result grove_split_begin(struct grove_split *split,
                                          const struct grove_packet *packet,
                                          enum grove_rule *rule)
{
    enum grove_split_result result;
    enum grove_rule any;

    (void)split;
    PROVE(__CPROVER_r_ok(packet->data, packet->len));
    PROVE(packet->vnet == NULL || __CPROVER_r_ok(packet->vnet, vnet_len));
    ASSUME(rule_is_valid(any));
    ASSUME((result == GROVE_SPLIT_OK) == (any == GROVE_RULE_NONE));
    left = result == GROVE_SPLIT_OK ? nondet_u32() : 0;
    ASSUME(left <= MOST);
    *rule = any;
    return result;
}

uint32_t grove_split_left(const struct grove_split *split)
{
    (void)split;
    return left;
}

bool grove_split_next(struct grove_split *split, struct grove_segment *segment)
{
    struct grove_segment any;

    (void)split;
    PROVE(left != 0);
    left--;
    *segment = any;
    return true;
}

/* By what segment-copy proves of it. */
uint32_t grove_split_copy(struct grove_split *split, uint8_t *data, size_t size,
                          uint8_t *vnet)
{
    const uint32_t len = nondet_u32();

    (void)split;
    PROVE(left != 0 && vnet == NULL);
    ASSUME(len != 0 && len <= GROVE_MAX_PACKET_LEN);
    if (len > size)
        return len;
    PROVE(__CPROVER_w_ok(data, len));
    left--;
    return len;
}

static const struct tun_system any_system = {.read = any_read};
static struct grove_tun tun;
static struct grove_tun_queue queue;

/* A queue, before any call, with any segments that wait. */
static void make_queue(void)
{
    tun.system = &any_system;
    tun.headers = nondet_bool();
    tun.layers.vnet_len = vnet_len = any_vnet_len();
    queue.tun = &tun;
    queue.reader.buffer = read_bytes;
    queue.reader.told = nondet_bool();
    left = nondet_u32();
    ASSUME(left <= MOST);
}

void proof_tun_recv(void)
{
    struct grove_tun_buffer buffers[MOST];
    const size_t count = nondet_u32();
    const size_t headroom = nondet_u32();
    size_t received;

    make_queue();
    const uint32_t before = left;

    ASSUME(count <= MOST);
    for (uint32_t i = 0; i < MOST; i++) {
        const struct bytes room = any_bytes(UINT32_MAX);

        buffers[i].data = (uint8_t *)room.at;
        buffers[i].size = room.len;
    }
    const enum grove_tun_result result =
        grove_tun_recv(&queue, buffers, count, headroom, &received);

    PROVE(received <= count);
    PROVE(result == GROVE_TUN_OK || received == 0);
    for (uint32_t i = 0; i < MOST; i++)
        PROVE(i >= received || buffers[i].len + headroom <= buffers[i].size);
    PROVE(result != GROVE_TUN_TOO_SMALL || left != 0);
    REACHES(received == 3 && before == 0);
    REACHES(result == GROVE_TUN_TOO_SMALL && before == 0);
    REACHES(result == GROVE_TUN_OK && received == 0 && before == 2);
    REACHES(result == GROVE_TUN_GONE);
}

void proof_tun_skip(void)
{
    make_queue();
    const uint32_t before = left;
    const size_t skipped = grove_tun_skip(&queue);

    PROVE(skipped == before && left == 0);
    PROVE(grove_tun_waiting(&queue) == 0);
    REACHES(skipped == MOST);
}
