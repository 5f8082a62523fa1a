/* SPDX-License-Identifier: MIT */
/* The virtio header on the wire. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

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

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(wire_format),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
