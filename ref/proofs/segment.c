/* SPDX-License-Identifier: MIT */
/* segment.c: whatever is split, each segment consists of readable bytes. */
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

/* What split-count is about. */
static void assume_count(const struct grove_split *split)
{
    const uint64_t gso_size = split->input.vnet.gso_size;

    ASSUME(!split->input.gso || split->next == split->count ||
           split->next * gso_size < split->input.bytes.len - split->payload);
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

/* Whether all slices of a segment can be read, and its length is theirs. */
static bool is_readable(const struct grove_segment *segment)
{
    const int most = (int)(sizeof segment->iov / sizeof segment->iov[0]);
    uint32_t len = 0;

    if (segment->iovcnt < 1 || segment->iovcnt > most)
        return false;
    for (int i = 0; i < most; i++)
        if (i < segment->iovcnt) {
            if (!__CPROVER_r_ok(segment->iov[i].iov_base,
                                segment->iov[i].iov_len))
                return false;
            len += i > 0 ? (uint32_t)segment->iov[i].iov_len : 0;
        }
    return len == segment->len;
}

void proof_segment_next(void)
{
    struct grove_split split = any_split();
    const uint32_t before = split.next;
    struct grove_segment segment;

    ASSUME(split_is_prepared(&split));
    assume_count(&split);
    const bool has_one = grove_split_next(&split, &segment);

    PROVE(has_one == (before != split.count));
    PROVE(split.next == before + has_one);
    PROVE(split_is_valid(&split) && split_is_prepared(&split));
    PROVE(!has_one || is_readable(&segment));
    PROVE(!has_one || segment.len <= split.input.bytes.len);
    REACHES(has_one && split.in_tunnel && split.next == split.count);
    REACHES(has_one && segment.iovcnt == 9);
    REACHES(has_one && !split.input.gso && segment.iovcnt == 4);
}

void proof_segment_copy(void)
{
    struct grove_split split = any_split();
    const uint32_t before = split.next;
    const uint32_t size = nondet_u32();
    uint8_t *const data = malloc(size);
    uint8_t wire[GROVE_VNET_LEN_MAX];

    ASSUME(split_is_prepared(&split));
    assume_count(&split);
    const uint32_t len =
        grove_split_copy(&split, data, size, nondet_bool() ? wire : NULL);
    const bool is_copied = before != split.count && len <= size;

    PROVE((len == 0) == (before == split.count));
    PROVE(split.next == before + is_copied);
    PROVE(split_is_valid(&split) && split_is_prepared(&split));
    REACHES(is_copied && split.in_tunnel);
    REACHES(is_copied && split.stripped != 0);
    REACHES(!is_copied && len > size);
}
