/* SPDX-License-Identifier: MIT */
/*
 * TAP-001: which headers lack a VLAN tag, as kernels give them
 * (test_tun_kernel.c), and which only look so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "grove/vnet.h"
#include "packets.h"

enum { ETHERNET = 14, TAG = 4, INNER = 8 + 8 + ETHERNET, LEN = 24 };

enum { Q = 0x8100, AD = 0x88a8, OLD_QINQ = 0x9100 };

/* A frame in VXLAN of this outer IP version, with `tags` tags. */
struct frame {
    struct wire wire;
    uint8_t header[LEN]; /* of a super-packet, counted from the first byte */
};

static void put_offsets(uint8_t *header, uint32_t outer, uint32_t inner)
{
    header[20] = (uint8_t)outer;
    header[21] = (uint8_t)(outer >> 8);
    header[22] = (uint8_t)inner;
    header[23] = (uint8_t)(inner >> 8);
}

/* The header has these offsets, `less` bytes too small. */
static struct frame frame_of(struct fields outer, uint32_t tags, uint16_t first,
                             uint32_t less)
{
    const struct fields inner = fields_of(4, TCP);
    struct frame frame = {.header = {1, 0x21, 0, 0, 100}};

    frame.wire = wire_tagged(
        wire_framed(wire_in_vxlan(wire_of(&inner), &outer, 7)), tags);
    if (tags != 0)
        wire_put16(frame.wire, ETHERNET - 2, first);
    if (outer.version == 6 && tags < 2)
        frame.header[1] = 0x41;
    put_offsets(frame.header, frame.wire.l4 - less,
                frame.wire.l4 + INNER - less);
    return frame;
}

/* Whether the tag is counted; else the header stays as it is. */
static bool counts(const struct frame *frame)
{
    struct frame made = *frame;
    struct frame right = *frame;

    put_offsets(right.header, frame->wire.l4, frame->wire.l4 + INNER);
    grove_vnet_count_tag(made.header, frame->wire.data, frame->wire.len);
    if (memcmp(made.header, frame->header, LEN) == 0)
        return false;
    assert_memory_equal(made.header, right.header, LEN);
    return true;
}

static bool counts_of(struct fields outer, uint32_t tags, uint16_t first,
                      uint32_t less)
{
    const struct frame frame = frame_of(outer, tags, first, less);

    return counts(&frame);
}

/* One tag is left out, whatever the outermost one is, and however many. */
static void left_out(void **state)
{
    (void)state;
    for (uint8_t version = 4; version <= 6; version += 2)
        for (uint32_t tags = 1; tags <= 7; tags++) {
            assert_true(counts_of(fields_of(version, UDP), tags, Q, TAG));
            assert_true(counts_of(fields_of(version, UDP), tags, AD, TAG));
        }
}

/* The walk passes extension headers. */
static void behind_extensions(void **state)
{
    struct fields outer = fields_of(6, UDP);

    (void)state;
    fields_extend(&outer, HBH, 1);
    fields_extend(&outer, DESTINATION, 1);
    assert_true(counts_of(outer, 1, Q, TAG));
    assert_false(counts_of(outer, 1, Q, TAG + 8));
    assert_false(counts_of(outer, 1, Q, 0));
}

/* Only 4 bytes are missing, and only where there is a tag. */
static void other_numbers(void **state)
{
    (void)state;
    for (uint8_t version = 4; version <= 6; version += 2) {
        const struct fields outer = fields_of(version, UDP);

        for (uint32_t less = 0; less <= 2 * TAG; less++) {
            assert_int_equal(counts_of(outer, 1, Q, less), less == TAG);
            assert_int_equal(counts_of(outer, 2, AD, less), less == TAG);
            assert_false(counts_of(outer, 0, Q, less));
        }
        assert_false(counts_of(outer, 1, Q, (uint32_t)-TAG));
        assert_false(counts_of(outer, 1, OLD_QINQ, TAG));
        assert_false(counts_of(outer, 8, Q, TAG));
    }
}

/* A header that tells of no tunnel, and a frame without UDP. */
static void no_tunnel(void **state)
{
    struct frame frame = frame_of(fields_of(4, UDP), 1, Q, TAG);

    (void)state;
    frame.header[1] = 1;
    assert_false(counts(&frame));
    frame = frame_of(fields_of(4, UDP), 1, Q, TAG);
    wire_put8(frame.wire, ETHERNET + TAG + 9, TCP);
    assert_false(counts(&frame));
    frame = frame_of(fields_of(4, UDP), 1, Q, TAG);
    wire_put16(frame.wire, ETHERNET + TAG - 2, 0x0806);
    assert_false(counts(&frame));
}

/* Nothing behind a cut is read: a memory checker would report it. */
static void cut_frames(void **state)
{
    const struct frame whole = frame_of(fields_of(4, UDP), 2, AD, TAG);

    (void)state;
    for (uint32_t len = 0; len <= whole.wire.len; len++) {
        struct frame frame = whole;

        frame.wire.len = len;
        frame.wire.data = wire_memory(len);
        if (len != 0)
            memcpy(frame.wire.data, whole.wire.data, len);
        assert_int_equal(counts(&frame), len >= whole.wire.l4);
    }
}

/* No frame is longer than a packet may be. */
static void too_long(void **state)
{
    struct frame frame = frame_of(fields_of(4, UDP), 1, Q, TAG);
    uint8_t *memory = wire_memory(GROVE_MAX_PACKET_LEN + 1);

    (void)state;
    memset(memory, 0, GROVE_MAX_PACKET_LEN + 1);
    memcpy(memory, frame.wire.data, frame.wire.len);
    frame.wire.data = memory;
    frame.wire.len = GROVE_MAX_PACKET_LEN;
    assert_true(counts(&frame));
    frame.wire.len++;
    assert_false(counts(&frame));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(left_out, wires_release),
        cmocka_unit_test_teardown(behind_extensions, wires_release),
        cmocka_unit_test_teardown(other_numbers, wires_release),
        cmocka_unit_test_teardown(no_tunnel, wires_release),
        cmocka_unit_test_teardown(cut_frames, wires_release),
        cmocka_unit_test_teardown(too_long, wires_release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
