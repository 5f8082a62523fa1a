/* SPDX-License-Identifier: MIT */
/* The virtio header on the wire. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "grove/vnet.h"

static void wire_format(void **state)
{
    static const uint8_t wire[GROVE_VNET_LEN] = {1,    0x85, 0x22, 0x11, 0x44,
                                                 0x33, 0x66, 0x55, 0x88, 0x77};
    uint8_t again[GROVE_VNET_LEN];
    struct grove_vnet vnet;

    (void)state;
    grove_vnet_load(&vnet, wire);
    assert_int_equal(vnet.flags, 1);
    assert_int_equal(vnet.gso_type, 0x85);
    assert_int_equal(vnet.hdr_len, 0x1122);
    assert_int_equal(vnet.gso_size, 0x3344);
    assert_int_equal(vnet.csum_start, 0x5566);
    assert_int_equal(vnet.csum_offset, 0x7788);
    grove_vnet_store(again, &vnet);
    assert_memory_equal(again, wire, sizeof wire);
}

/* Bytes behind the fields are not read, and are written as 0. */
static void longer_headers(void **state)
{
    static const uint8_t wire[GROVE_VNET_BUFFERS_LEN] = {
        1, 0x85, 0x22, 0x11, 0x44, 0x33, 0x66, 0x55, 0x88, 0x77, 0xff, 0xff};
    uint8_t again[GROVE_VNET_BUFFERS_LEN + 1];
    struct grove_vnet vnet;
    struct grove_vnet usual;

    (void)state;
    grove_vnet_load(&usual, wire);
    grove_vnet_load_len(&vnet, wire, sizeof wire);
    assert_memory_equal(&vnet, &usual, sizeof vnet);
    memset(again, 0x5a, sizeof again);
    grove_vnet_store_len(again, sizeof wire, &vnet);
    assert_memory_equal(again, wire, GROVE_VNET_LEN);
    assert_int_equal(again[10], 0);
    assert_int_equal(again[11], 0);
    assert_int_equal(again[12], 0x5a);
}

/* Only the fields of tunnels follow; what is between is not read. */
static void headers_of_tunnels(void **state)
{
    static const uint8_t wire[GROVE_VNET_TUNNEL_LEN] = {
        9, 0x21, 0x22, 0x11, 0x44, 0x33, 0x66, 0x55, 0x88, 0x77, 1,    2,
        3, 4,    5,    6,    7,    8,    9,    10,   0xbb, 0xaa, 0xdd, 0xcc};
    uint8_t again[GROVE_VNET_TUNNEL_LEN];
    struct grove_vnet vnet;

    (void)state;
    grove_vnet_load_len(&vnet, wire, sizeof wire);
    assert_int_equal(vnet.gso_type, 0x21);
    assert_int_equal(vnet.outer_th_offset, 0xaabb);
    assert_int_equal(vnet.inner_nh_offset, 0xccdd);
    memset(again, 0x5a, sizeof again);
    grove_vnet_store_len(again, sizeof again, &vnet);
    assert_memory_equal(again, wire, 10);
    for (int i = 10; i < 20; i++)
        assert_int_equal(again[i], 0);
    assert_memory_equal(again + 20, wire + 20, 4);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(wire_format),
        cmocka_unit_test(longer_headers),
        cmocka_unit_test(headers_of_tunnels),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
