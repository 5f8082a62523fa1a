/* SPDX-License-Identifier: MIT */
/* Which questions a kernel answers in another way than SPEC.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <netinet/in.h>

#include <cmocka.h>

#include "deviation.h"

enum { IP4 = 20, PACKET = 60, FRAME = 14 + PACKET, TCP = 6, IPIP = 4 };
enum { IP6 = 40, EXTENSION = 8, MOST = 17, LONG = 14 + IP6 + MOST * EXTENSION };

/* A packet of TCP in IPv4, in IPv4 if so, with this virtio header. */
static struct run_input make_input(uint8_t room[FRAME], uint32_t link,
                                   uint8_t protocol, uint8_t flags)
{
    struct run_input input = {
        .packet = room, .len = link + PACKET, .has_vnet = true};

    memset(room, 0, FRAME);
    if (link != 0)
        room[12] = 8;
    room[link] = room[link + IP4] = 0x45;
    room[link + 9] = protocol;
    room[link + IP4 + 9] = TCP;
    input.vnet[0] = flags;
    input.vnet[1] = GROVE_VNET_GSO_TCPV4;
    return input;
}

/* What the kernels of a profile do in another way: "K-2", or "". */
static const char *found(const char *profile, enum run_op op, uint32_t link,
                         const struct run_input *input)
{
    static char id[4];
    struct run run = {
        .op = op, .config = run_config_default(), .input = input, .inputs = 1};
    const char *said;

    run.config.link = link != 0 ? GROVE_LINK_ETHERNET : GROVE_LINK_NONE;
    if (op == RUN_GRO)
        run.config.tunnels[run.config.tunnel_count++] =
            (struct grove_tunnel){GROVE_TUNNEL_GRE, 0};
    said = deviation(profile, &run);
    memcpy(id, said != NULL ? said : "", said != NULL ? 3 : 1);
    return id;
}

/* K-2: in a split, whatever the tunnels of the configuration are. */
static void type_in_a_tunnel(void **state)
{
    static const enum run_op ops[] = {RUN_GRO, RUN_GSO};
    static const uint32_t links[] = {0, 14};
    uint8_t room[FRAME];

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        const enum run_op op = ops[i / 2];
        const uint32_t link = links[i % 2];
        struct run_input input = make_input(room, link, IPIP, 0);

        assert_string_equal(found("linux-7.2", op, link, &input), "K-2");
        assert_string_equal(found("linux-6.18", op, link, &input), "");
        input = make_input(room, link, TCP, 0);
        assert_string_equal(found("linux-7.2", op, link, &input), "");
        input = make_input(room, link, IPIP, GROVE_VNET_F_NEEDS_CSUM);
        assert_string_equal(found("linux-7.2", op, link, &input), "");
    }
}

/* TCP behind so many extension headers. */
static struct run_input make_long(uint8_t room[LONG], uint32_t link,
                                  uint32_t extensions)
{
    struct run_input input = {.packet = room,
                              .len = link + IP6 + extensions * EXTENSION,
                              .has_vnet = true};
    uint8_t *next = &room[link + 6];

    memset(room, 0, LONG);
    if (link != 0) {
        room[12] = 0x86;
        room[13] = 0xdd;
    }
    room[link] = 0x60;
    for (uint32_t i = 0; i < extensions; i++) {
        *next = IPPROTO_DSTOPTS;
        next = &room[link + IP6 + i * EXTENSION];
    }
    *next = TCP;
    input.vnet[1] = GROVE_VNET_GSO_TCPV6;
    return input;
}

/* K-5: with a link and without one. */
static void many_extensions(void **state)
{
    static const uint32_t links[] = {0, 14};
    uint8_t room[LONG];

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct run_input input = make_long(room, links[i], MOST);

        assert_string_equal(found("linux-6.12", RUN_GSO, links[i], &input),
                            "K-5");
        assert_string_equal(found("linux-6.18", RUN_GSO, links[i], &input), "");
        input = make_long(room, links[i], MOST - 1);
        assert_string_equal(found("linux-6.12", RUN_GSO, links[i], &input), "");
    }
}

/* Writes IPv4 and UDP for `len` bytes of UDP at `at`; returns the payload. */
static uint8_t *put_datagram(uint8_t *at, uint8_t address, uint16_t port,
                             uint8_t len)
{
    memset(at, 0, IP4 + 8U);
    at[0] = 0x45;
    at[3] = (uint8_t)(IP4 + len);
    at[9] = IPPROTO_UDP;
    at[15] = address;
    at[IP4 + 2] = (uint8_t)(port >> 8);
    at[IP4 + 3] = (uint8_t)port;
    at[IP4 + 5] = len;
    return at + IP4 + 8;
}

enum { INNER = IP4 + 8 + 8, BEHIND = 8 + 8 + 14 + INNER };

/* K-13: a packet of this protocol to port 53, in VXLAN to address 1. */
static struct run_input make_tunneled(uint8_t room[14 + IP4 + BEHIND],
                                      uint8_t protocol)
{
    static const uint8_t vxlan[8] = {8};
    uint8_t *behind;

    memset(room, 0, 14 + IP4 + BEHIND);
    room[12] = 8;
    behind = put_datagram(room + 14, 1, 4789, BEHIND);
    memcpy(behind, vxlan, sizeof vxlan);
    behind[8 + 12] = 8;
    put_datagram(behind + 8 + 14, 7, 53, 8 + 8);
    behind[8 + 14 + 9] = protocol;
    return (struct run_input){.packet = room, .len = 14 + IP4 + BEHIND};
}

/* A datagram in no tunnel. */
static struct run_input make_plain(uint8_t room[14 + INNER], uint8_t address,
                                   uint16_t port)
{
    memset(room, 0, 14 + INNER);
    room[12] = 8;
    put_datagram(room + 14, address, port, 8 + 8);
    return (struct run_input){.packet = room, .len = 14 + INNER};
}

static const char *said_of_ports(const struct run_input *input, size_t inputs)
{
    struct run run = {.op = RUN_GRO,
                      .config = run_config_default(),
                      .input = input,
                      .inputs = inputs};

    run.config.link = GROVE_LINK_ETHERNET;
    run.config.tunnels[run.config.tunnel_count++] =
        (struct grove_tunnel){GROVE_TUNNEL_VXLAN, 4789};
    run.config.tunnels[run.config.tunnel_count++] =
        (struct grove_tunnel){GROVE_TUNNEL_IPIP, 0};
    return deviation("linux-6.18", &run);
}

static void ports_in_a_tunnel(void **state)
{
    static const uint8_t protocols[] = {IPPROTO_UDP, IPPROTO_TCP};
    uint8_t tunneled[14 + IP4 + BEHIND];
    uint8_t plain[14 + INNER];

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct run_input input[] = {make_tunneled(tunneled, protocols[i]),
                                    make_plain(plain, 1, 53)};

        assert_memory_equal(said_of_ports(input, 2), "K-13", 4);
        plain[5] = 1; /* another address of Ethernet */
        assert_null(said_of_ports(input, 2));
        input[1] = make_plain(plain, 1, 54);
        assert_null(said_of_ports(input, 2));
        input[1] = make_plain(plain, 7, 53);
        assert_null(said_of_ports(input, 2));
        make_tunneled(tunneled, IPPROTO_ICMP);
        input[1] = make_plain(plain, 1, 53);
        assert_null(said_of_ports(input, 2));
    }
}

/* Only what is in no tunnel, and behind a packet that may still be held. */
static void ports_that_do_not_meet(void **state)
{
    uint8_t tunneled[14 + IP4 + BEHIND];
    uint8_t plain[14 + INNER];
    uint8_t ipip[14 + IP4 + INNER] = {0};
    struct run_input input[3] = {make_tunneled(tunneled, IPPROTO_UDP),
                                 {.flush = true},
                                 make_plain(plain, 1, 53)};

    (void)state;
    assert_null(said_of_ports(input, 3));
    input[1] = input[0];
    assert_memory_equal(said_of_ports(input, 3), "K-13", 4);
    input[0] = input[2];
    assert_null(said_of_ports(input, 2));
    memcpy(ipip, plain, 14);
    put_datagram(ipip + 14, 1, 0, 0);
    ipip[14 + 3] = IP4 + INNER;
    ipip[14 + 9] = IPIP;
    memcpy(ipip + 14 + IP4, plain + 14, INNER);
    input[0] = make_tunneled(tunneled, IPPROTO_UDP);
    input[1] = (struct run_input){.packet = ipip, .len = sizeof ipip};
    assert_null(said_of_ports(input, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(type_in_a_tunnel),
        cmocka_unit_test(many_extensions),
        cmocka_unit_test(ports_in_a_tunnel),
        cmocka_unit_test(ports_that_do_not_meet),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
