/* SPDX-License-Identifier: MIT */
/*
 * What a TUN takes: each VNET rule on both sides of its boundary, under every
 * profile; GRO-IN-001, GRO-IN-002.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "input.h"
#include "packets.h"
#include "tables.h"

/* The kernels of the columns below. */
static const char *const kernels[] = {"linux-6.1", "linux-6.12", "linux-6.18",
                                      "linux-7.2"};

enum { PROFILES = sizeof kernels / sizeof kernels[0] };

/* Short names, so that each case of the tables below fits on one line. */
enum {
    OK = GROVE_RULE_NONE,
    HDR_LEN = GROVE_RULE_VNET_HDR_LEN,
    TYPE = GROVE_RULE_VNET_TYPE,
    ZERO = GROVE_RULE_VNET_SIZE_ZERO,
    FIELD = GROVE_RULE_VNET_CSUM_FIELD,
    FAR = GROVE_RULE_VNET_CSUM_FAR,
    START = GROVE_RULE_VNET_CSUM_START,
    SHORT = GROVE_RULE_VNET_SHORT,
    PROTO = GROVE_RULE_VNET_PROTOCOL,
    U_CSUM = GROVE_RULE_VNET_UDP_CSUM,
    U_OFFSET = GROVE_RULE_VNET_UDP_OFFSET,
    U_ECN = GROVE_RULE_VNET_UDP_ECN,
    U_SEGS = GROVE_RULE_VNET_UDP_SEGMENTS,
    T_OFFSET = GROVE_RULE_VNET_TCP_OFFSET,
    FRAGS = GROVE_RULE_VNET_SIZE_FRAGS,
    PLAIN = GROVE_RULE_VNET_NOT_GSO,
    CLAMP = GROVE_RULE_VNET_CLAMP
};

enum kind { TCP4, UDP4, TCP6, UDP6 };

struct row {
    enum kind kind;
    uint32_t payload;
    struct grove_vnet vnet;
    int expected[PROFILES]; /* the rule that rejects or changes, or OK */
};

#define ALL(rule)                                                              \
    {                                                                          \
        rule, rule, rule, rule                                                 \
    }
#define SINCE_12(rule)                                                         \
    {                                                                          \
        OK, rule, rule, rule                                                   \
    }

static struct fields fields_of_kind(enum kind kind)
{
    struct fields fields = fields_of(kind == TCP4 || kind == UDP4 ? 4 : 6,
                                     kind == TCP4 || kind == TCP6 ? TCP : UDP);

    fields.options_len = 0;
    return fields;
}

static struct input accept(size_t number, struct wire wire,
                           struct grove_vnet vnet)
{
    struct grove_packet packet = wire_input(wire);
    uint8_t header[GROVE_VNET_LEN];
    struct profile profile;
    struct input input;

    grove_vnet_store(header, &vnet);
    packet.vnet = header;
    profile = profile_named(kernels[number]);
    input_accept(&profile, GROVE_LINK_NONE, GROVE_VNET_LEN, &packet, &input);
    return input;
}

static bool is_change(int rule)
{
    return rule == PLAIN || rule == CLAMP;
}

static void check(const struct row *row, size_t number, size_t profile,
                  struct wire wire)
{
    const struct input input = accept(profile, wire, row->vnet);
    const int expected = row->expected[profile];
    const int reject = is_change(expected) ? OK : expected;
    const int change = is_change(expected) ? expected : OK;

    if ((int)input.reject != reject || (int)input.change != change)
        fail_msg("row %zu, %s: rejected by %s, changed by %s", number,
                 kernels[profile],
                 input.reject ? grove_rule_id(input.reject) : "none",
                 input.change ? grove_rule_id(input.change) : "none");
    if (reject != OK)
        assert_memory_equal(&input.vnet, &row->vnet, sizeof input.vnet);
    else
        assert_int_equal(input.gso, input.vnet.gso_type != 0);
}

static void check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct fields fields = fields_of_kind(rows[i].kind);
        struct wire wire;

        fields.payload_len = rows[i].payload;
        wire = wire_of(&fields);
        for (size_t profile = 0; profile < PROFILES; profile++)
            check(&rows[i], i, profile, wire);
    }
}

#define CHECK(rows) check_rows(rows, sizeof(rows) / sizeof(rows)[0])

/* TCP over IPv4 has 340 bytes here: 20, 20 and a payload of 300. */
static void checksum_fields(void **state)
{
    static const struct row rows[] = {
        {TCP4, 300, {0, 0, 0, 0, 0, 0, 0, 0}, ALL(OK)},
        {TCP4, 300, {0, 0, 340, 0, 0, 0, 0, 0}, ALL(OK)},
        {TCP4, 300, {0, 0, 341, 0, 0, 0, 0, 0}, ALL(HDR_LEN)},
        {TCP4, 300, {1, 0, 0, 0, 20, 16, 0, 0}, ALL(OK)},
        {TCP4, 300, {1, 0, 60, 0, 20, 16, 0, 0}, ALL(OK)},
        {TCP4, 300, {1, 0, 0, 0, 338, 0, 0, 0}, ALL(OK)},
        {TCP4, 300, {1, 0, 0, 0, 339, 0, 0, 0}, ALL(HDR_LEN)},
        {TCP4, 300, {0, 0, 0, 0, 339, 0, 0, 0}, ALL(OK)},
        /* 65535 + 2 is 1 in 16 bits: VNET-001 lets it through. */
        {TCP4, 300, {1, 0, 0, 0, 65535, 0, 0, 0}, ALL(FIELD)},
        {TCP4, 300, {1, 0, 0, 0, 20, 65535, 0, 0}, ALL(FIELD)},
        {TCP4, 300, {1, 0, 0, 0, 20, 0, 0, 0}, ALL(OK)},
        {TCP4, 300, {1, 0, 0, 0, 19, 0, 0, 0}, SINCE_12(START)},
        {TCP6, 300, {1, 4, 0, 100, 40, 16, 0, 0}, ALL(OK)},
        {TCP6, 300, {1, 4, 0, 100, 39, 16, 0, 0}, SINCE_12(START)},
        {TCP6, 65500, {1, 0, 0, 0, 65470, 0, 0, 0}, ALL(OK)},
        {TCP6, 65500, {1, 0, 0, 0, 65471, 0, 0, 0}, ALL(FAR)},
        {TCP4, 300, {1, 1, 0, 100, 320, 16, 0, 0}, ALL(PLAIN)},
        {TCP4, 300, {1, 1, 0, 100, 321, 16, 0, 0}, ALL(FIELD)},
        {UDP4, 300, {1, 5, 0, 100, 320, 6, 0, 0}, {TYPE, PLAIN, PLAIN, PLAIN}},
        {UDP4, 300, {1, 5, 0, 100, 321, 5, 0, 0}, {TYPE, FIELD, FIELD, FIELD}},
        {UDP4, 300, {1, 3, 0, 100, 320, 6, 0, 0}, ALL(PLAIN)},
        {UDP4, 300, {1, 3, 0, 100, 321, 4, 0, 0}, ALL(FIELD)},
    };

    (void)state;
    CHECK(rows);
}

static void types_and_sizes(void **state)
{
    static const struct row rows[] = {
        {TCP4, 300, {1, 2, 0, 100, 20, 16, 0, 0}, ALL(TYPE)},
        {TCP4, 300, {1, 6, 0, 100, 20, 16, 0, 0}, ALL(TYPE)},
        {TCP4, 300, {1, 0x80, 0, 100, 20, 16, 0, 0}, ALL(TYPE)},
        {UDP4, 300, {1, 5, 0, 100, 20, 6, 0, 0}, {TYPE, OK, OK, OK}},
        {UDP4, 300, {1, 3, 0, 100, 20, 6, 0, 0}, ALL(OK)},
        {TCP4, 300, {1, 1, 0, 0, 20, 16, 0, 0}, ALL(ZERO)},
        {TCP4, 300, {1, 1, 0, 100, 20, 16, 0, 0}, ALL(OK)},
        {TCP4, 300, {1, 0x81, 0, 100, 20, 16, 0, 0}, ALL(OK)},
        {TCP4, 300, {1, 1, 0, 65535, 20, 16, 0, 0}, ALL(FRAGS)},
        {TCP4, 300, {1, 1, 0, 65534, 20, 16, 0, 0}, ALL(PLAIN)},
        {TCP4, 300, {1, 1, 0, 299, 20, 16, 0, 0}, ALL(OK)},
        {TCP4, 300, {1, 1, 0, 300, 20, 16, 0, 0}, ALL(PLAIN)},
        {TCP6, 300, {1, 4, 0, 299, 40, 16, 0, 0}, ALL(OK)},
        {TCP6, 300, {1, 4, 0, 300, 40, 16, 0, 0}, ALL(PLAIN)},
        {UDP4, 300, {1, 3, 0, 307, 20, 6, 0, 0}, ALL(OK)},
        {UDP4, 300, {1, 3, 0, 308, 20, 6, 0, 0}, ALL(PLAIN)},
        {TCP4, 300, {1, 1, 0, 7, 20, 16, 0, 0}, {CLAMP, CLAMP, OK, CLAMP}},
        {TCP4, 300, {1, 1, 0, 8, 20, 16, 0, 0}, ALL(OK)},
        {TCP6, 300, {1, 4, 0, 1, 40, 16, 0, 0}, {CLAMP, CLAMP, OK, CLAMP}},
        {TCP4, 8, {1, 1, 0, 7, 20, 16, 0, 0}, {PLAIN, PLAIN, OK, PLAIN}},
        {UDP4, 300, {1, 3, 0, 7, 20, 6, 0, 0}, ALL(OK)},
    };

    (void)state;
    CHECK(rows);
}

static void gso_of_one_protocol(void **state)
{
    static const struct row rows[] = {
        {TCP4, 300, {1, 1, 0, 100, 20, 15, 0, 0}, ALL(T_OFFSET)},
        {TCP6, 300, {1, 4, 0, 100, 40, 17, 0, 0}, ALL(T_OFFSET)},
        {TCP4, 300, {1, 1, 0, 65535, 20, 15, 0, 0}, ALL(T_OFFSET)},
        {UDP4,
         300,
         {0, 5, 0, 100, 20, 6, 0, 0},
         {TYPE, U_CSUM, U_CSUM, U_CSUM}},
        {UDP4,
         300,
         {1, 5, 0, 100, 20, 7, 0, 0},
         {TYPE, U_OFFSET, U_OFFSET, U_OFFSET}},
        {UDP4,
         300,
         {1, 0x85, 0, 100, 20, 6, 0, 0},
         {TYPE, U_ECN, U_ECN, U_ECN}},
        {UDP4, 1280, {1, 5, 0, 10, 20, 6, 0, 0}, {TYPE, OK, OK, OK}},
        {UDP4,
         1281,
         {1, 5, 0, 10, 20, 6, 0, 0},
         {TYPE, U_SEGS, U_SEGS, U_SEGS}},
        {UDP6, 1280, {1, 5, 0, 10, 40, 6, 0, 0}, {TYPE, OK, OK, OK}},
        {UDP6,
         1281,
         {1, 5, 0, 10, 40, 6, 0, 0},
         {TYPE, U_SEGS, U_SEGS, U_SEGS}},
    };

    (void)state;
    CHECK(rows);
}

/* GSO without NEEDS_CSUM: the length, or in 7.2 the headers themselves. */
static void unmarked(void **state)
{
    static const struct row rows[] = {
        {TCP4, 300, {0, 1, 0, 100, 0, 0, 0, 0}, ALL(OK)},
        {TCP4, 300, {0, 1, 0, 100, 99, 15, 0, 0}, ALL(OK)},
        {TCP4, 300, {0, 1, 0, 299, 0, 0, 0, 0}, ALL(OK)},
        {TCP4, 300, {0, 1, 0, 300, 0, 0, 0, 0}, SINCE_12(PLAIN)},
        {TCP4, 300, {0, 1, 0, 319, 0, 0, 0, 0}, SINCE_12(PLAIN)},
        {TCP4, 300, {0, 1, 0, 320, 0, 0, 0, 0}, ALL(PLAIN)},
        {TCP6, 300, {0, 4, 0, 299, 0, 0, 0, 0}, ALL(OK)},
        {TCP6, 300, {0, 4, 0, 300, 0, 0, 0, 0}, SINCE_12(PLAIN)},
        {TCP4, 300, {0, 4, 0, 100, 0, 0, 0, 0}, {OK, OK, OK, PROTO}},
        {TCP6, 300, {0, 1, 0, 100, 0, 0, 0, 0}, {OK, OK, OK, PROTO}},
        {UDP4, 300, {0, 1, 0, 100, 0, 0, 0, 0}, {OK, OK, OK, PROTO}},
        {UDP4, 300, {0, 3, 0, 100, 0, 0, 0, 0}, ALL(OK)},
        {UDP6, 300, {0, 3, 0, 100, 0, 0, 0, 0}, ALL(OK)},
        {TCP4, 300, {0, 3, 0, 100, 0, 0, 0, 0}, {OK, OK, OK, PROTO}},
        {TCP4, 300, {0, 1, 0, 65535, 0, 0, 0, 0}, ALL(FRAGS)},
        {TCP4, 0, {0, 1, 0, 100, 0, 0, 0, 0}, ALL(PLAIN)},
        {UDP4, 0, {0, 3, 0, 100, 0, 0, 0, 0}, ALL(PLAIN)},
    };

    (void)state;
    CHECK(rows);
}

/* Packets cut inside their headers, which the tables cannot express. */
static void unmarked_and_short(void **state)
{
    const struct fields tcp = fields_of_kind(TCP4);
    const struct fields udp = fields_of_kind(UDP4);
    struct fields extended = fields_of_kind(TCP6);
    const struct row tcp4 = {
        TCP4, 0, {0, 1, 0, 100, 0, 0, 0, 0}, {PLAIN, SHORT, SHORT, PROTO}};
    const struct row shorter = {
        TCP4, 0, {0, 1, 0, 100, 0, 0, 0, 0}, {SHORT, SHORT, SHORT, PROTO}};
    const struct row udp4 = {
        UDP4, 0, {0, 5, 0, 100, 0, 0, 0, 0}, {TYPE, SHORT, SHORT, SHORT}};
    const struct row tcp6 = {
        TCP6, 0, {0, 4, 0, 100, 0, 0, 0, 0}, {OK, OK, OK, PROTO}};
    struct wire wire;

    (void)state;
    fields_extend(&extended, HBH, 0);
    wire = wire_of(&extended);
    wire_put8(wire, 41, 40);
    for (size_t profile = 0; profile < PROFILES; profile++) {
        check(&tcp4, 0, profile, wire_sized(&tcp, 39));
        check(&tcp4, 1, profile, wire_sized(&tcp, 20));
        check(&shorter, 2, profile, wire_sized(&tcp, 19));
        check(&shorter, 3, profile, wire_sized(&tcp, 0));
        check(&udp4, 4, profile, wire_sized(&udp, 27));
        check(&tcp6, 5, profile, wire);
    }
}

/* 7.2 counts the bytes after the headers that it found. */
static void dissected_length(void **state)
{
    struct fields fields = fields_of_kind(TCP6);
    struct row row = {TCP6, 0, {0, 4, 0, 291, 0, 0, 0, 0}, ALL(OK)};

    (void)state;
    fields.payload_len = 300;
    fields_extend(&fields, DESTINATION, 0);
    row.vnet.gso_size = 299;
    check(&row, 0, 3, wire_of(&fields));
    row.vnet.gso_size = 300;
    check(&row, 1, 2, wire_of(&fields));
    row.expected[3] = PLAIN;
    check(&row, 2, 3, wire_of(&fields));
}

/* 7.2 passes 16 extension headers and not more. */
static void dissected_extensions(void **state)
{
    struct fields fields = fields_of_kind(TCP6);
    const struct row found = {TCP6, 0, {0, 4, 0, 10, 0, 0, 0, 0}, ALL(OK)};
    const struct row lost = {
        TCP6, 0, {0, 4, 0, 10, 0, 0, 0, 0}, {OK, OK, OK, PROTO}};

    (void)state;
    for (int i = 0; i < 16; i++)
        fields_extend(&fields, DESTINATION, 0);
    for (size_t profile = 0; profile < PROFILES; profile++)
        check(&found, 0, profile, wire_of(&fields));
    fields_extend(&fields, DESTINATION, 0);
    for (size_t profile = 0; profile < PROFILES; profile++)
        check(&lost, 1, profile, wire_of(&fields));
}

/* 7.2 passes a fragment header, too, and ends the walk after it. */
static void dissected_fragment(void **state)
{
    struct fields fields = fields_of_kind(TCP6);
    const struct row found = {TCP6, 0, {0, 4, 0, 10, 0, 0, 0, 0}, ALL(OK)};
    const struct row cut = {
        TCP6, 0, {0, 4, 0, 10, 0, 0, 0, 0}, {OK, SHORT, SHORT, PROTO}};

    (void)state;
    fields_extend(&fields, FRAGMENT, 0);
    for (size_t profile = 0; profile < PROFILES; profile++) {
        check(&found, 0, profile, wire_of(&fields));
        check(&cut, 1, profile, wire_sized(&fields, 47));
    }
}

static void assert_kept(struct grove_vnet given, struct grove_vnet expected)
{
    const struct fields fields = fields_of_kind(TCP4);
    const struct input input = accept(2, wire_of(&fields), given);

    assert_int_equal(input.reject, OK);
    assert_memory_equal(&input.vnet, &expected, sizeof expected);
}

static void what_is_kept(void **state)
{
    (void)state;
    /* Nothing stays without NEEDS_CSUM and GSO, not even DATA_VALID. */
    assert_kept((struct grove_vnet){0xfe, 0, 9, 9, 9, 9, 0, 0},
                (struct grove_vnet){0});
    assert_kept((struct grove_vnet){3, 0, 9, 9, 20, 16, 0, 0},
                (struct grove_vnet){1, 0, 0, 0, 20, 16, 0, 0});
    assert_kept((struct grove_vnet){1, 1, 9, 50, 20, 16, 0, 0},
                (struct grove_vnet){1, 1, 9, 50, 20, 16, 0, 0});
    assert_kept((struct grove_vnet){0, 0x81, 9, 50, 20, 16, 0, 0},
                (struct grove_vnet){0, 0x81, 9, 50, 0, 0, 0, 0});
    assert_kept((struct grove_vnet){1, 1, 9, 100, 20, 16, 0, 0},
                (struct grove_vnet){1, 0, 0, 0, 20, 16, 0, 0});
}

static void clamped_size(void **state)
{
    const struct fields fields = fields_of_kind(TCP4);
    const struct grove_vnet vnet = {1, 1, 0, 3, 20, 16, 0, 0};
    struct input input;

    (void)state;
    input = accept(2, wire_of(&fields), vnet);
    assert_int_equal(input.change, OK);
    assert_int_equal(input.vnet.gso_size, 3);
    input = accept(3, wire_of(&fields), vnet);
    assert_int_equal(input.change, CLAMP);
    assert_int_equal(input.vnet.gso_size, 8);
}

static struct input accept_plain(struct wire wire)
{
    const struct grove_packet packet = wire_input(wire);
    const struct profile newest = profile_named(NULL);
    struct input input;

    input_accept(&newest, GROVE_LINK_NONE, GROVE_VNET_LEN, &packet, &input);
    return input;
}

/* GRO-IN-002, which is checked before the virtio header. */
static void length(void **state)
{
    const struct grove_vnet unknown = {1, 2, 0, 100, 20, 16, 0, 0};
    struct fields fields = fields_of(6, UDP);
    struct wire wire;

    (void)state;
    fields.payload_len = GROVE_MAX_PACKET_LEN - 48;
    wire = wire_of(&fields);
    assert_int_equal(accept_plain(wire).reject, OK);
    assert_int_equal(accept(0, wire, unknown).reject, TYPE);
    wire = wire_sized(&fields, GROVE_MAX_PACKET_LEN + 1);
    assert_int_equal(accept_plain(wire).reject, GROVE_RULE_IN_LENGTH);
    assert_int_equal(accept(0, wire, unknown).reject, GROVE_RULE_IN_LENGTH);
}

/* GRO-IN-001, which is checked after the virtio header. */
static void version(void **state)
{
    const struct fields fields = fields_of(4, TCP);
    const struct grove_vnet unknown = {1, 2, 0, 100, 20, 16, 0, 0};
    struct wire wire = wire_of(&fields);

    (void)state;
    assert_int_equal(accept_plain(wire_sized(&fields, 0)).reject,
                     GROVE_RULE_IN_VERSION);
    for (unsigned nibble = 0; nibble < 16; nibble++) {
        const bool known = nibble == 4 || nibble == 6;

        wire_put8(wire, 0, (uint8_t)(nibble << 4 | 5));
        assert_int_equal(accept_plain(wire).reject,
                         known ? OK : GROVE_RULE_IN_VERSION);
        assert_int_equal(accept_plain(wire).version, nibble);
        assert_int_equal(accept(0, wire, unknown).reject, TYPE);
    }
}

/* Without a virtio header it is one of zeros. */
static void no_header(void **state)
{
    const struct fields fields = fields_of(4, TCP);
    const struct wire wire = wire_of(&fields);
    const struct input input = accept_plain(wire);
    const struct grove_vnet zero = {0};

    (void)state;
    assert_memory_equal(&input.vnet, &zero, sizeof zero);
    assert_false(input.gso);
    assert_int_equal(input.version, 4);
    assert_ptr_equal(input.bytes.at, wire.data);
    assert_int_equal(input.bytes.len, wire.len);
    assert_int_equal(input.network, 0);
    assert_ptr_equal(input_network(&input).at, wire.data);
    assert_int_equal(input_network(&input).len, wire.len);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(checksum_fields, wires_release),
        cmocka_unit_test_teardown(types_and_sizes, wires_release),
        cmocka_unit_test_teardown(gso_of_one_protocol, wires_release),
        cmocka_unit_test_teardown(unmarked, wires_release),
        cmocka_unit_test_teardown(unmarked_and_short, wires_release),
        cmocka_unit_test_teardown(dissected_length, wires_release),
        cmocka_unit_test_teardown(dissected_extensions, wires_release),
        cmocka_unit_test_teardown(dissected_fragment, wires_release),
        cmocka_unit_test_teardown(what_is_kept, wires_release),
        cmocka_unit_test_teardown(clamped_size, wires_release),
        cmocka_unit_test_teardown(length, wires_release),
        cmocka_unit_test_teardown(version, wires_release),
        cmocka_unit_test_teardown(no_header, wires_release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
