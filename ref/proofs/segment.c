/* SPDX-License-Identifier: MIT */
/*
 * segment.c: whatever is split, its headers have room in the splitter, and a
 * segment lies in the packet and there, or in memory of the caller.
 */
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

/*
 * In the place of segment_payload(), by what split-count says: each segment has
 * payload, and it ends in the packet.
 */
struct bytes any_payload(const struct grove_split *split)
{
    const uint32_t from = nondet_u32();
    const uint32_t len = nondet_u32();

    ASSUME(from >= split->payload && from <= split->input.bytes.len);
    ASSUME(len != 0 && len <= split->input.bytes.len - from);
    ASSUME(len <= split->input.vnet.gso_size);
    return bytes_slice(split->input.bytes, from, len);
}

/* What is split. */
enum what { PLAIN, GSO, IN_TUNNEL };

/* A splitter that has one segment more. */
static struct grove_split any_begun(enum what what)
{
    struct grove_split split;

    split.profile = any_profile();
    split.sum = any_sum;
    split.copy = any_copy;
    split.link = any_link();
    split.vnet_len = any_vnet_len();
    split.input.bytes = any_packet_bytes();
    split.input.gso = what != PLAIN;
    split.in_tunnel = what == IN_TUNNEL;
    ASSUME(split_is_valid(&split) && split_is_prepared(&split));
    ASSUME(split.next < split.count);
    return split;
}

/* One segment is given. */
static struct grove_segment prove_next(struct grove_split *split)
{
    const uint32_t before = split->next;
    const int any = (int)nondet_u16();
    struct grove_segment segment;

    PROVE(grove_split_next(split, &segment));
    PROVE(split->next == before + 1);
    PROVE(segment.iovcnt >= 2 && segment.iovcnt <= GROVE_SEGMENT_IOVECS);
    PROVE(segment.iov[0].iov_base == split->vnet_bytes);
    ASSUME(any < segment.iovcnt);
    PROVE(__CPROVER_r_ok(segment.iov[any].iov_base, segment.iov[any].iov_len));
    return segment;
}

void proof_segment_next(void)
{
    struct grove_split split = any_begun(GSO);
    const struct grove_segment segment = prove_next(&split);

    REACHES(segment.iovcnt == 4 && split.input.version == 4);
    REACHES(segment.iovcnt == 5 && split.next == split.count);
}

void proof_segment_next_tunnel(void)
{
    struct grove_split split = any_begun(IN_TUNNEL);
    const struct grove_segment segment = prove_next(&split);

    REACHES(segment.iovcnt == GROVE_SEGMENT_IOVECS);
}

void proof_segment_next_plain(void)
{
    struct grove_split split = any_begun(PLAIN);
    const struct grove_segment segment = prove_next(&split);

    REACHES(segment.iovcnt == 4);
    REACHES(segment.iovcnt == 2);
}

/* One segment is copied to where there is room, or none is. */
static bool prove_copy(struct grove_split *split)
{
    const uint32_t before = split->next;
    const struct bytes room = any_bytes(UINT32_MAX);
    uint8_t *const vnet = nondet_bool() ? malloc(split->vnet_len) : NULL;
    const uint32_t len =
        grove_split_copy(split, (uint8_t *)room.at, room.len, vnet);

    PROVE(len != 0 && len <= split->input.bytes.len);
    PROVE(split->next == before + (len <= room.len));
    REACHES(len == room.len && vnet != NULL);
    REACHES(len > room.len);
    return len <= room.len;
}

void proof_segment_copy(void)
{
    struct grove_split split = any_begun(GSO);
    const bool copied = prove_copy(&split);

    REACHES(copied && split.next == split.count && split.stripped != 0);
}

void proof_segment_copy_tunnel(void)
{
    struct grove_split split = any_begun(IN_TUNNEL);
    const bool copied = prove_copy(&split);

    REACHES(copied && split.next == split.count && split.outer.checksum);
}

void proof_segment_copy_plain(void)
{
    struct grove_split split = any_begun(PLAIN);
    const bool copied = prove_copy(&split);

    REACHES(copied && vnet_needs_csum(&split.input.vnet));
}
