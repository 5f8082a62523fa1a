/* SPDX-License-Identifier: MIT */
/*
 * tun/outbox.c and tun/result.c: whatever sending gives. Copies lie one behind
 * the other in the memory of the caller.
 */
#define _GNU_SOURCE
#include "proof.h"

#include "../tun/outbox.c"
#include "../tun/result.c"

static struct grove_tun_outbox outbox;
static size_t pending;

static enum grove_tun_result any_result(void)
{
    const enum grove_tun_result result = (enum grove_tun_result)nondet_u32();

    ASSUME((unsigned)result <= GROVE_TUN_TABLE);
    pending = nondet_u32();
    ASSUME(result != GROVE_TUN_OK || pending == 0);
    return result;
}

enum grove_tun_result grove_tun_send(struct grove_tun_queue *queue,
                                     struct grove_table *table,
                                     const struct grove_packet *packets,
                                     size_t count)
{
    (void)queue;
    (void)table;
    PROVE(count <= GROVE_DEFAULT_BATCH);
    PROVE(__CPROVER_r_ok(packets, count * sizeof *packets));
    return any_result();
}

enum grove_tun_result grove_tun_resume(struct grove_tun_queue *queue)
{
    (void)queue;
    return any_result();
}

size_t grove_tun_pending(const struct grove_tun_queue *queue)
{
    (void)queue;
    return pending;
}

/* What put and flush keep. */
static bool outbox_is_valid(void)
{
    return outbox.count <= GROVE_DEFAULT_BATCH && outbox.used <= outbox.size;
}

/* An outbox with memory of any size, of which any part is used. */
static void make_outbox(void)
{
    const struct bytes memory = any_bytes(UINT32_MAX);

    ASSUME(memory.at != NULL);
    outbox.memory = (uint8_t *)memory.at;
    outbox.size = memory.len;
    outbox.used = nondet_u32();
    outbox.count = nondet_u32();
    outbox.taken = nondet_bool();
    ASSUME(outbox_is_valid());
}

void proof_tun_outbox(void)
{
    const struct bytes packet = any_bytes(UINT32_MAX);

    make_outbox();
    const size_t used = outbox.used;
    const size_t count = outbox.count;
    const enum grove_tun_result result =
        grove_tun_put(&outbox, packet.at, packet.len);

    PROVE(outbox_is_valid());
    if (result == GROVE_TUN_OK) {
        const struct grove_packet *last = &outbox.packets[outbox.count - 1];

        PROVE(outbox.count == count + 1 || outbox.count == 1);
        PROVE(last->len == packet.len && last->vnet == NULL);
        PROVE(last->data + last->len == outbox.memory + outbox.used);
    } else {
        PROVE(outbox.count == count || outbox.count == 0);
        PROVE(outbox.used == used || outbox.used == 0);
    }
    REACHES(result == GROVE_TUN_OK && outbox.count == GROVE_DEFAULT_BATCH);
    REACHES(result == GROVE_TUN_OK && count == GROVE_DEFAULT_BATCH);
    REACHES(result == GROVE_TUN_TOO_SMALL);
    REACHES(result == GROVE_TUN_AGAIN && outbox.taken);
}

void proof_tun_flush(void)
{
    make_outbox();
    const enum grove_tun_result result = grove_tun_flush(&outbox);

    PROVE(outbox_is_valid());
    PROVE(result != GROVE_TUN_OK || (outbox.count == 0 && !outbox.taken));
    REACHES(result == GROVE_TUN_OK);
    REACHES(result == GROVE_TUN_DOWN && outbox.taken);
}

void proof_tun_results(void)
{
    const int error = (int)nondet_u32();
    const enum grove_tun_result result = (enum grove_tun_result)nondet_u32();
    const char *const words = grove_tun_result_words(result);

    PROVE(__CPROVER_r_ok(words, 2) && words[0] != '\0');
    PROVE(tun_result_of(error) != GROVE_TUN_OK);
    PROVE((unsigned)tun_result_of(error) <= GROVE_TUN_TABLE);
    REACHES(result == (enum grove_tun_result)1000);
    REACHES(tun_result_of(error) == GROVE_TUN_GONE);
}
