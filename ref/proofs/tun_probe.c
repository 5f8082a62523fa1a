/* SPDX-License-Identifier: MIT */
/*
 * tun/probe.c: whatever two devices do to packets, findings have room, and both
 * devices are closed.
 */
#define _GNU_SOURCE
#include "bytes_model.h"

#include "../tun/probe.c"
#include "../tun/result.c"

enum { QUEUES = 1, SEGMENTS = 3 };

static struct {
    struct grove_tun tun;
    struct grove_tun_queue queue;
} in, out;

static bool is_open;

/* By what tun-pair proves of it. */
bool tun_pair_open(struct tun_pair *pair, const struct tun_system *system,
                   bool own, bool tap, struct grove_tun_error *error)
{
    (void)system;
    (void)own;
    in.tun.layers.vnet_len =
        tap && nondet_bool() ? GROVE_VNET_TUNNEL_LEN : GROVE_VNET_LEN;
    is_open = nondet_bool();
    if (is_open)
        *pair = (struct tun_pair){&in.tun, &out.tun};
    else
        error->step = GROVE_TUN_STEP_NODE;
    return is_open;
}

void tun_pair_close(struct tun_pair *pair)
{
    PROVE(is_open && pair->in == &in.tun && pair->out == &out.tun);
    is_open = false;
}

int tun_pair_write(const struct tun_pair *pair, const struct tun_sample *sample)
{
    PROVE(is_open && pair->in == &in.tun);
    PROVE(__CPROVER_r_ok(sample->packet.at, sample->packet.len));
    return (int)nondet_u16();
}

/* Any packets, one of any length among them. */
static void add_any(struct tun_burst *burst)
{
    const uint32_t len = nondet_u32();

    PROVE(__CPROVER_w_ok(burst->room.at, burst->room.len));
    PROVE(burst->room.len == TUN_READ_MAX);
    ASSUME(burst->count <= TUN_BURST_MAX);
    ASSUME(len <= TUN_READ_MAX);
    burst->packets[0] = (struct bytes){burst->room.at, len};
}

int tun_pair_read(const struct tun_pair *pair, struct bytes last,
                  struct tun_burst *burst)
{
    PROVE(is_open && pair->out == &out.tun);
    PROVE(__CPROVER_r_ok(last.at, last.len));
    burst->count = nondet_u32();
    add_any(burst);
    return (int)nondet_u16();
}

/* By what tun-sample proves of it. */
struct tun_sample tun_sample_make(struct buffer room,
                                  const struct tun_recipe *recipe)
{
    struct tun_sample any;

    PROVE(__CPROVER_w_ok(room.at, TUN_SAMPLE_MAX));
    PROVE(recipe->payload <= 2000);
    PROVE(recipe->options == 0 || recipe->options == 12);
    PROVE(recipe->version == 4 || recipe->version == 6);
    PROVE(recipe->tunnel == 0 || recipe->tunnel == 4 || recipe->tunnel == 6);
    any.packet.at = room.at;
    ASSUME(any.packet.len <= TUN_SAMPLE_MAX);
    ASSUME(any.packet.len == any.payload + recipe->payload);
    return any;
}

void tun_sample_complete(struct buffer room, struct tun_sample *sample)
{
    PROVE(sample->packet.at == room.at);
    PROVE(__CPROVER_w_ok(room.at, sample->packet.len));
}

/* By what tun-compare proves of it. */
void tun_compare(const struct tun_sample *sample,
                 const struct tun_burst *expected, const struct tun_burst *seen,
                 struct grove_tun_finding *finding)
{
    (void)sample;
    PROVE(expected->count <= TUN_BURST_MAX && seen->count <= TUN_BURST_MAX);
    finding->symptom = (enum grove_tun_symptom)(
        nondet_u16() % (GROVE_TUN_SYMPTOM_PAYLOAD + 1));
}

uint32_t grove_tun_offloads(const struct grove_tun *tun)
{
    PROVE(is_open && tun == &in.tun);
    return nondet_u32();
}

/* ---- What is expected ---- */

static uint32_t left;

/* The packets of the probe can be split. */
enum grove_split_result grove_split_begin(struct grove_split *split,
                                          const struct grove_packet *packet,
                                          enum grove_rule *rule)
{
    PROVE(split == in.queue.reader.split);
    PROVE(__CPROVER_r_ok(packet->data, packet->len));
    PROVE(__CPROVER_r_ok(packet->vnet, in.tun.layers.vnet_len));
    left = nondet_u32();
    ASSUME(left != 0 && left <= SEGMENTS);
    *rule = GROVE_RULE_NONE;
    return GROVE_SPLIT_OK;
}

uint32_t grove_split_left(const struct grove_split *split)
{
    (void)split;
    return left;
}

/* By what segment-copy proves of it; no segment is longer than the packet. */
uint32_t grove_split_copy(struct grove_split *split, uint8_t *data, size_t size,
                          uint8_t *vnet)
{
    const uint32_t len = nondet_u32();

    (void)split;
    PROVE(vnet == NULL && left != 0 && __CPROVER_w_ok(data, size));
    ASSUME(len <= TUN_SAMPLE_MAX);
    PROVE(len <= size);
    left--;
    return len;
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

/* ---- A probe ---- */

static void make_pair(void)
{
    in.queue.reader.buffer = malloc(TUN_READ_MAX);
    in.queue.writer.buffer = malloc(TUN_WRITE_MAX);
    out.queue.reader.buffer = malloc(TUN_READ_MAX);
    out.queue.writer.buffer = malloc(TUN_WRITE_MAX);
}

void proof_tun_expect(void)
{
    const struct probing probing = {.pair = {&in.tun, &out.tun}};
    static struct tun_burst burst;
    struct tun_sample sample;

    make_pair();
    sample.packet = any_bytes(TUN_SAMPLE_MAX);
    ASSUME(sample.packet.at != NULL);
    in.tun.layers.vnet_len =
        nondet_bool() ? GROVE_VNET_TUNNEL_LEN : GROVE_VNET_LEN;
    burst = empty_burst(&in.tun);
    expect(&probing, &sample, &burst);
    PROVE(burst.count <= SEGMENTS && left == 0);
    REACHES(burst.count == SEGMENTS);
}

/* In the place of expect(). */
void expect_any(const struct probing *probing, const struct tun_sample *sample,
                struct tun_burst *burst)
{
    (void)probing;
    PROVE(__CPROVER_r_ok(sample->packet.at, sample->packet.len));
    add_any(burst);
}

static int unshare_any(int flags)
{
    PROVE(flags == CLONE_NEWNET);
    return nondet_bool() ? -1 : 0;
}

static int run_any(void *(*run_it)(void *), void *argument)
{
    const int error = (int)nondet_u16();

    if (error == 0)
        run_it(argument);
    return error;
}

void proof_tun_probe(void)
{
    static const struct tun_system any_system = {.unshare = unshare_any,
                                                 .run_in_thread = run_any};
    struct grove_tun_kernel kernel = {.finding_count = 0};
    struct grove_tun_error error;
    bool done;

    make_pair();
    done = tun_probe(&any_system, &kernel, &error);
    PROVE(!is_open);
    PROVE(done == (error.step == GROVE_TUN_STEP_NONE));
    PROVE(kernel.finding_count <= TRIALS);
    REACHES(done && kernel.finding_count == TRIALS);
    REACHES(done && kernel.min_tcp_gso_size == 100);
    REACHES(error.step == GROVE_TUN_STEP_PACKET && error.number == ETIMEDOUT);
    REACHES(error.step == GROVE_TUN_STEP_NAMESPACE);
    REACHES(error.step == GROVE_TUN_STEP_NODE);
}
