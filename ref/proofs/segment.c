/* SPDX-License-Identifier: MIT */
/* segment.c: whatever is split, its headers have room in the splitter. */
#include "bytes_model.h"

#include "../segment.c"

static uint16_t any_copy(uint8_t *to, const uint8_t *from, size_t len)
{
    PROVE(len == 0 || (__CPROVER_r_ok(from, len) && __CPROVER_w_ok(to, len)));
    return nondet_u16();
}

uint32_t __CPROVER_uninterpreted_count(uint32_t, uint32_t);

/*
 * In the place of split_count(): split-count is about its value. Here it is the
 * same whenever it is asked.
 */
uint32_t any_count(uint32_t payload, uint32_t gso_size)
{
    return __CPROVER_uninterpreted_count(payload, gso_size);
}

/* A splitter that grove_split_begin() made, before any of its segments. */
static struct grove_split any_split(void)
{
    struct grove_split split;

    split.profile = any_profile();
    split.sum = any_sum;
    split.copy = any_copy;
    split.link = any_link();
    split.vnet_len = any_vnet_len();
    split.input.bytes = any_packet_bytes();
    ASSUME(split_is_valid(&split));
    return split;
}

/*
 * Each segment has payload, and the last one ends with the packet. So few bits
 * take seconds, and with each further one four times as many.
 */
void proof_split_count(void)
{
    const uint32_t most = 0xfff;
    const uint32_t payload = nondet_u16() & most;
    const uint32_t gso_size = nondet_u16() & most;
    const uint32_t next = nondet_u16() & most;

    ASSUME(gso_size != 0);
    const uint32_t count = split_count(payload, gso_size);

    ASSUME(next < count);
    PROVE(next * gso_size < payload);
    PROVE(count * gso_size >= payload);
    REACHES(count == 5 && next == 4);
}

void proof_segment_begin(void)
{
    struct grove_split split = any_split();

    ASSUME(split.input.gso && split.count != 0);
    segment_begin(&split);
    PROVE(split_is_valid(&split) && split_is_prepared(&split));
    REACHES(split.in_tunnel && split.outer.version == 6 &&
            split.input.version == 4);
    REACHES(split.stripped != 0);
    REACHES(!split.in_tunnel && split.payload == 130);
}
