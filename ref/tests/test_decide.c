/* SPDX-License-Identifier: MIT */
/*
 * Each rule about a packet and the held one of its flow, on both sides of its
 * boundary, by what decide() says; nothing is written here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "decide.h"
#include "packets.h"
#include "parse.h"
#include "tables.h"

/* Tables with and without room for a flow. */
static const struct flows room = {.bucket_max = 1};
static const struct flows full = {.bucket = {{.count = 1}}, .bucket_max = 1};

static struct policy policy_of(const char *profile)
{
    return (struct policy){
        .profile = profile_named(profile),
        .sum = grove_sum_fastest(),
        .vnet_len = GROVE_VNET_LEN,
        .max_bytes = GROVE_DEFAULT_BYTES,
    };
}

static struct policy lossless_of(const char *profile)
{
    struct policy policy = policy_of(profile);

    policy.lossless = true;
    return policy;
}

static struct packet parsed(const struct policy *policy, struct wire wire)
{
    const struct grove_packet given = wire_input(wire);
    struct packet packet;

    parse(policy, &given, &packet);
    return packet;
}

static struct held held_of(const struct policy *policy, struct wire wire)
{
    struct held held = {.first = parsed(policy, wire)};

    held_begin(&held, 0);
    return held;
}

static struct decision decided(const struct policy *policy,
                               const struct packet *packet,
                               const struct held *held)
{
    struct decision decision;

    decide(policy, &room, packet, held, &decision);
    return decision;
}

/* The decision about `next` if `first` alone is held. */
static struct decision after(struct policy policy, struct wire first,
                             struct wire next)
{
    const struct held held = held_of(&policy, first);
    const struct packet packet = parsed(&policy, next);

    return decided(&policy, &packet, &held);
}

static struct decision after_fields(struct policy policy, struct fields first,
                                    struct fields next)
{
    return after(policy, wire_of(&first), wire_of(&next));
}

/* The decision about a packet if nothing is held. */
static struct decision alone(struct policy policy, struct fields fields)
{
    const struct packet packet = parsed(&policy, wire_of(&fields));

    return decided(&policy, &packet, NULL);
}

static void assert_decision(struct decision decision,
                            enum grove_verdict verdict, enum grove_rule rule,
                            enum grove_rule leaves)
{
    assert_string_equal(grove_verdict_words(decision.verdict),
                        grove_verdict_words(verdict));
    assert_int_equal(decision.rule, rule);
    assert_int_equal(decision.leaves, leaves);
    assert_int_equal(decision.leavers, LEAVES_OWN);
}

static void assert_merges(struct decision decision)
{
    assert_decision(decision, GROVE_MERGED, GROVE_RULE_NONE, GROVE_RULE_NONE);
}

/* The held super-packet leaves, and the packet is held. */
static void assert_replaces(struct decision decision, enum grove_rule rule)
{
    assert_decision(decision, GROVE_HELD, rule, GROVE_RULE_END_MISMATCH);
}

/* The held super-packet leaves, and then the packet passes. */
static void assert_follows(struct decision decision, enum grove_rule rule)
{
    assert_decision(decision, GROVE_PASSED, rule, GROVE_RULE_END_MISMATCH);
}

typedef void change_fn(struct fields *fields);

/* Merges unchanged, and does not merge with `change`, under every profile. */
static void assert_rule(uint8_t version, uint8_t protocol, change_fn *change,
                        enum grove_rule rule)
{
    const struct fields first = fields_of(version, protocol);

    for (size_t i = 0; grove_profiles()[i] != NULL; i++) {
        const struct policy policy = policy_of(grove_profiles()[i]);
        struct fields next = fields_next(first);

        assert_merges(after_fields(policy, first, next));
        change(&next);
        assert_replaces(after_fields(policy, first, next), rule);
    }
}

static void window(struct fields *fields)
{
    fields->window ^= 0x8000;
}

static void ack(struct fields *fields)
{
    fields->acknowledgment++;
}

static void echo(struct fields *fields)
{
    fields->flags ^= ECE;
}

static void reserved(struct fields *fields)
{
    fields->flags ^= 0x800;
}

static void no_ack(struct fields *fields)
{
    fields->flags ^= ACK;
}

static void option(struct fields *fields)
{
    fields->options[11]++;
}

static void fewer_options(struct fields *fields)
{
    fields->options_len -= 4;
}

static void sequence_before(struct fields *fields)
{
    fields->sequence--;
}

static void sequence_after(struct fields *fields)
{
    fields->sequence++;
}

static void larger(struct fields *fields)
{
    fields->payload_len++;
}

static void hop(struct fields *fields)
{
    fields->hop--;
}

static void ecn_bits(struct fields *fields)
{
    fields->traffic_class ^= 3;
}

static void dscp(struct fields *fields)
{
    fields->traffic_class ^= 0x80;
}

static void no_df(struct fields *fields)
{
    fields->fragment ^= DF;
}

static void id_after(struct fields *fields)
{
    fields->id++;
}

static void id_before(struct fields *fields)
{
    fields->id -= 2;
}

static void tcp_header(void **state)
{
    (void)state;
    for (uint8_t version = 4; version <= 6; version += 2) {
        assert_rule(version, TCP, window, GROVE_RULE_TCP_WINDOW);
        assert_rule(version, TCP, ack, GROVE_RULE_TCP_ACK);
        assert_rule(version, TCP, echo, GROVE_RULE_TCP_FLAGS);
        assert_rule(version, TCP, reserved, GROVE_RULE_TCP_FLAGS);
        assert_rule(version, TCP, no_ack, GROVE_RULE_TCP_FLAGS);
        assert_rule(version, TCP, option, GROVE_RULE_TCP_OPTIONS);
        assert_rule(version, TCP, fewer_options, GROVE_RULE_TCP_OPTIONS);
        assert_rule(version, TCP, sequence_before, GROVE_RULE_TCP_SEQUENCE);
        assert_rule(version, TCP, sequence_after, GROVE_RULE_TCP_SEQUENCE);
        assert_rule(version, TCP, larger, GROVE_RULE_TCP_LARGER);
        assert_rule(version, UDP, larger, GROVE_RULE_UDP_LARGER);
    }
}

static void ip_header(void **state)
{
    static const uint8_t protocols[] = {TCP, UDP};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        assert_rule(4, protocols[i], hop, GROVE_RULE_IP4_TTL);
        assert_rule(4, protocols[i], ecn_bits, GROVE_RULE_IP4_TOS);
        assert_rule(4, protocols[i], dscp, GROVE_RULE_IP4_TOS);
        assert_rule(4, protocols[i], no_df, GROVE_RULE_IP4_DF);
        assert_rule(4, protocols[i], id_after, GROVE_RULE_IP4_ID);
        assert_rule(4, protocols[i], id_before, GROVE_RULE_IP4_ID);
        assert_rule(6, protocols[i], hop, GROVE_RULE_IP6_HOPS);
        assert_rule(6, protocols[i], ecn_bits, GROVE_RULE_IP6_CLASS);
        assert_rule(6, protocols[i], dscp, GROVE_RULE_IP6_CLASS);
    }
}

/* Two faults at once: the packet's rule is the earlier one of SPEC.md. */
static void order_of_rules(void **state)
{
    static change_fn *const changes[] = {window,   ack,      option,
                                         hop,      ecn_bits, no_df,
                                         id_after, larger,   sequence_after};
    static const enum grove_rule rules[] = {
        GROVE_RULE_TCP_WINDOW, GROVE_RULE_TCP_ACK,    GROVE_RULE_TCP_OPTIONS,
        GROVE_RULE_IP4_TTL,    GROVE_RULE_IP4_TOS,    GROVE_RULE_IP4_DF,
        GROVE_RULE_IP4_ID,     GROVE_RULE_TCP_LARGER, GROVE_RULE_TCP_SEQUENCE};
    const struct fields first = fields_of(4, TCP);

    (void)state;
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        struct fields next = fields_next(first);

        for (size_t j = i; j < sizeof rules / sizeof rules[0]; j++)
            changes[j](&next);
        assert_replaces(after_fields(policy_of(NULL), first, next), rules[i]);
    }
}

/* What Linux does not compare. */
static void free_fields(void **state)
{
    struct fields first = fields_of(4, TCP);
    struct fields next = fields_next(first);

    (void)state;
    next.urgent = 7;
    assert_merges(after_fields(policy_of(NULL), first, next));
    first.sequence = UINT32_MAX - 49;
    first.id = UINT16_MAX;
    next = fields_next(first);
    assert_int_equal(next.sequence, 50);
    assert_int_equal(next.id, 0);
    assert_merges(after_fields(policy_of(NULL), first, next));
}

/* The columns of the profiles that concern CWR: first, next, outcome. */
static void assert_cwr(const char *profile, bool first_has, bool next_has,
                       enum grove_rule rule)
{
    struct fields first = fields_of(6, TCP);
    struct fields next = fields_next(first);
    struct decision decision;

    first.flags |= first_has ? CWR : 0;
    next.flags |= next_has ? CWR : 0;
    decision = after_fields(policy_of(profile), first, next);
    if (rule == GROVE_RULE_NONE)
        assert_merges(decision);
    else
        assert_replaces(decision, rule);
}

static void cwr(void **state)
{
    (void)state;
    assert_cwr("linux-6.1", true, false, GROVE_RULE_NONE);
    assert_cwr("linux-6.1", false, true, GROVE_RULE_TCP_CWR);
    assert_cwr("linux-6.1", true, true, GROVE_RULE_TCP_CWR);
    assert_cwr("linux-6.12", true, false, GROVE_RULE_NONE);
    assert_cwr("linux-6.12", false, true, GROVE_RULE_TCP_CWR);
    assert_cwr("linux-6.12", true, true, GROVE_RULE_TCP_CWR);
    assert_cwr("linux-6.18", true, false, GROVE_RULE_TCP_FLAGS);
    assert_cwr("linux-6.18", false, true, GROVE_RULE_TCP_CWR);
    assert_cwr("linux-6.18", true, true, GROVE_RULE_TCP_CWR);
    assert_cwr("linux-7.2", true, false, GROVE_RULE_TCP_FLAGS);
    assert_cwr("linux-7.2", false, true, GROVE_RULE_TCP_FLAGS);
    assert_cwr("linux-7.2", true, true, GROVE_RULE_NONE);
}

/* An identification that stays: with DF everywhere, without it in some. */
static void fixed_id(void **state)
{
    (void)state;
    for (size_t i = 0; grove_profiles()[i] != NULL; i++) {
        const struct policy policy = policy_of(grove_profiles()[i]);
        struct fields first = fields_of(4, UDP);
        struct fields next = first;

        assert_merges(after_fields(policy, first, next));
        assert_true(after_fields(policy, first, next).fixed_id);
        next.id++;
        assert_false(after_fields(policy, first, next).fixed_id);
        next.id--;
        first.fragment = next.fragment = 0;
        if (policy.profile.fixed_id_needs_df)
            assert_replaces(after_fields(policy, first, next),
                            GROVE_RULE_IP4_ID);
        else
            assert_merges(after_fields(policy, first, next));
    }
}

/* From the third packet on, the identification does what it did before. */
static void id_of_the_third(void **state)
{
    const struct policy policy = policy_of("linux-6.18");
    struct fields fields = fields_of(4, UDP);
    struct held held = held_of(&policy, wire_of(&fields));

    (void)state;
    for (uint16_t step = 0; step <= 3; step++) {
        struct packet packet;

        fields.id = (uint16_t)(1000 + step);
        packet = parsed(&policy, wire_of(&fields));
        held.packets = 2;
        held.fixed_id = false;
        assert_false(decided(&policy, &packet, &held).fixed_id);
        assert_int_equal(decided(&policy, &packet, &held).verdict,
                         step == 2 ? GROVE_MERGED : GROVE_HELD);
        held.fixed_id = true;
        assert_true(decided(&policy, &packet, &held).fixed_id);
        assert_int_equal(decided(&policy, &packet, &held).verdict,
                         step == 0 ? GROVE_MERGED : GROVE_HELD);
    }
}

static void only_ip4_has_an_id(void **state)
{
    const struct policy policy = policy_of(NULL);
    const struct fields fields = fields_of(6, UDP);
    const struct held held = held_of(&policy, wire_of(&fields));
    const struct packet packet = parsed(&policy, wire_of(&fields));

    (void)state;
    assert_false(decided(&policy, &packet, &held).fixed_id);
}

/* At most 65535 bytes in all; and a total that does not fit into 16 bits. */
static void limit_of_bytes(void **state)
{
    static const uint8_t kinds[][2] = {{4, TCP}, {4, UDP}, {6, TCP}, {6, UDP}};

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const struct fields first = fields_of(kinds[i][0], kinds[i][1]);
        const struct fields next = fields_next(first);
        const struct policy policy = policy_of(NULL);
        struct held held = held_of(&policy, wire_of(&first));
        const struct packet packet = parsed(&policy, wire_of(&next));

        held.total = 65435;
        assert_merges(decided(&policy, &packet, &held));
        held.total = 65436;
        assert_replaces(decided(&policy, &packet, &held),
                        GROVE_RULE_LIMIT_BYTES);
        held.total = 65575;
        assert_replaces(decided(&policy, &packet, &held),
                        GROVE_RULE_LIMIT_BYTES);
    }
}

/* What a packet, which adds 100 bytes, does to a super-packet of `total`. */
static enum grove_rule beyond(const char *profile, struct fields fields,
                              uint32_t total)
{
    struct policy policy = policy_of(profile);
    const struct fields next = fields_next(fields);
    struct held held;
    struct packet packet;
    enum grove_rule rule;

    policy.max_bytes = 100000;
    held = held_of(&policy, wire_of(&fields));
    packet = parsed(&policy, wire_of(&next));
    held.total = total;
    rule = decided(&policy, &packet, &held).rule;
    if (total + 100 > GROVE_DEFAULT_BYTES)
        assert_int_equal(decide_may_grow(&policy, &held, total + 100),
                         rule == GROVE_RULE_NONE);
    return rule;
}

/* max_bytes is for TCP only, and in 6.1 for IPv6 without extension headers. */
static void limit_of_more_bytes(void **state)
{
    const struct fields tcp4 = fields_of(4, TCP);
    const struct fields tcp6 = fields_of(6, TCP);
    struct fields extended = tcp6;

    (void)state;
    fields_extend(&extended, DESTINATION, 1);
    for (size_t i = 0; i < 2; i++) {
        const char *name = i == 0 ? "linux-6.18" : "linux-7.2";

        assert_int_equal(beyond(name, tcp4, 99900), GROVE_RULE_NONE);
        assert_int_equal(beyond(name, tcp4, 99901), GROVE_RULE_LIMIT_BYTES);
        assert_int_equal(beyond(name, extended, 99900), GROVE_RULE_NONE);
    }
    assert_int_equal(beyond("linux-6.1", tcp6, 99900), GROVE_RULE_NONE);
    assert_int_equal(beyond("linux-6.1", tcp4, 65435), GROVE_RULE_NONE);
    assert_int_equal(beyond("linux-6.1", tcp4, 65436), GROVE_RULE_LIMIT_USUAL);
    assert_int_equal(beyond("linux-6.1", extended, 65436),
                     GROVE_RULE_LIMIT_USUAL);
    for (uint8_t version = 4; version <= 6; version += 2) {
        const struct fields udp = fields_of(version, UDP);

        assert_int_equal(beyond(NULL, udp, 65435), GROVE_RULE_NONE);
        assert_int_equal(beyond(NULL, udp, 65436), GROVE_RULE_LIMIT_USUAL);
        assert_int_equal(beyond(NULL, udp, 99901), GROVE_RULE_LIMIT_BYTES);
    }
}

/* A jumbo header needs a place that extension headers leave free. */
static void limit_of_jumbo_headers(void **state)
{
    struct fields fields = fields_of(6, TCP);

    (void)state;
    fields_extend(&fields, DESTINATION, 1);
    fields_extend(&fields, ROUTE, 2);
    assert_int_equal(beyond("linux-6.18", fields, 65475), GROVE_RULE_NONE);
    assert_int_equal(beyond("linux-6.18", fields, 65476),
                     GROVE_RULE_LIMIT_JUMBO);
    assert_int_equal(beyond("linux-7.2", fields, 65476), GROVE_RULE_NONE);
}

/* Flags that end a super-packet: on a merged packet, and on a packet alone. */
static void flags_that_end(void **state)
{
    static const uint16_t flags[] = {URG, PSH, RST, SYN, FIN};

    (void)state;
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        struct fields first = fields_of(4, TCP);
        struct fields next = fields_next(first);

        next.flags |= flags[i];
        assert_decision(alone(policy_of(NULL), next), GROVE_PASSED,
                        GROVE_RULE_END_FLAGS, GROVE_RULE_NONE);
        if (flags[i] == PSH || flags[i] == FIN)
            assert_decision(after_fields(policy_of(NULL), first, next),
                            GROVE_MERGED, GROVE_RULE_NONE,
                            GROVE_RULE_END_FLAGS);
        else
            assert_follows(after_fields(policy_of(NULL), first, next),
                           GROVE_RULE_TCP_FLAGS);
    }
}

static void flags_that_do_not_end(void **state)
{
    struct fields fields = fields_of(6, TCP);

    (void)state;
    fields.flags = ECE | CWR | AE | 0xe00;
    assert_decision(alone(policy_of(NULL), fields), GROVE_HELD, GROVE_RULE_NONE,
                    GROVE_RULE_NONE);
}

static void no_payload(void **state)
{
    const struct fields first = fields_of(4, TCP);
    struct fields next = fields_next(first);

    (void)state;
    next.payload_len = 0;
    assert_decision(alone(policy_of(NULL), next), GROVE_PASSED,
                    GROVE_RULE_END_EMPTY, GROVE_RULE_NONE);
    assert_follows(after_fields(policy_of(NULL), first, next),
                   GROVE_RULE_TCP_EMPTY);
}

static void short_segment(void **state)
{
    static const uint8_t protocols[] = {TCP, UDP};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const struct fields first = fields_of(6, protocols[i]);
        struct fields next = fields_next(first);

        next.payload_len = 99;
        assert_decision(after_fields(policy_of(NULL), first, next),
                        GROVE_MERGED, GROVE_RULE_NONE, GROVE_RULE_END_SHORT);
        next.payload_len = 1;
        assert_decision(after_fields(policy_of(NULL), first, next),
                        GROVE_MERGED, GROVE_RULE_NONE, GROVE_RULE_END_SHORT);
        assert_decision(alone(policy_of(NULL), next), GROVE_HELD,
                        GROVE_RULE_NONE, GROVE_RULE_NONE);
    }
}

/* The profile's number of datagrams; TCP has no such limit. */
static void count_of_udp(void **state)
{
    static const uint8_t protocols[] = {TCP, UDP};
    const struct policy policy = policy_of(NULL);
    const uint32_t most = policy.profile.max_udp_segments;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const struct fields first = fields_of(6, protocols[i]);
        const struct fields next = fields_next(first);
        struct held held = held_of(&policy, wire_of(&first));
        const struct packet packet = parsed(&policy, wire_of(&next));

        held.packets = most - 2;
        assert_merges(decided(&policy, &packet, &held));
        held.packets = most - 1;
        assert_decision(decided(&policy, &packet, &held), GROVE_MERGED,
                        GROVE_RULE_NONE,
                        i == 0 ? GROVE_RULE_NONE : GROVE_RULE_END_COUNT);
    }
}

static struct policy lists_of(const char *profile)
{
    struct policy policy = policy_of(profile);

    policy.fraglist = true;
    return policy;
}

/* GRO-LIST-001: FIN and PSH, too. Without lists of TCP they merge. */
static void list_of_flags(void **state)
{
    static const uint16_t flags[] = {FIN, PSH};
    const struct fields first = fields_of(4, TCP);
    struct fields next = fields_next(first);

    (void)state;
    assert_merges(after_fields(lists_of(NULL), first, next));
    for (size_t i = 0; i < 2; i++) {
        next.flags = ACK | flags[i];
        assert_follows(after_fields(lists_of(NULL), first, next),
                       GROVE_RULE_LIST_FLAGS);
        assert_decision(after_fields(lists_of("linux-6.1"), first, next),
                        GROVE_MERGED, GROVE_RULE_NONE, GROVE_RULE_END_FLAGS);
    }
}

/* GRO-LIST-003: 64 packets of TCP; UDP has GRO-END-004. */
static void list_of_64(void **state)
{
    const struct policy policy = lists_of(NULL);
    const struct fields first = fields_of(4, TCP);
    struct fields next = fields_next(first);
    struct held held = held_of(&policy, wire_of(&first));
    struct packet packet;

    (void)state;
    held.packets = TCP_LIST_PACKETS_MAX - 1;
    next.id = (uint16_t)(first.id + held.packets);
    packet = parsed(&policy, wire_of(&next));
    assert_merges(decided(&policy, &packet, &held));
    held.packets++;
    next.id++;
    packet = parsed(&policy, wire_of(&next));
    assert_replaces(decided(&policy, &packet, &held), GROVE_RULE_LIST_COUNT);
}

/* GRO-LIST-005: the whole packet counts. */
static void list_of_bytes(void **state)
{
    static const uint8_t protocols[] = {TCP, UDP};
    const struct policy policy = lists_of(NULL);

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const struct fields first = fields_of(6, protocols[i]);
        const struct fields next = fields_next(first);
        const struct packet packet = parsed(&policy, wire_of(&next));
        struct held held = held_of(&policy, wire_of(&first));

        held.total = GROVE_DEFAULT_BYTES - packet.input.bytes.len;
        assert_merges(decided(&policy, &packet, &held));
        held.total++;
        assert_replaces(decided(&policy, &packet, &held),
                        GROVE_RULE_LIST_BYTES);
    }
}

/* The decision if one of two packets has NEEDS_CSUM. */
static struct decision after_csum(uint8_t protocol, bool first_has)
{
    const struct policy policy = lists_of(NULL);
    const struct fields first = fields_of(4, protocol);
    const struct fields next = fields_next(first);
    struct held held = held_of(&policy, wire_of(&first));
    struct packet packet = parsed(&policy, wire_of(&next));

    held.first.input.vnet.flags = first_has ? GROVE_VNET_F_NEEDS_CSUM : 0;
    packet.input.vnet.flags = first_has ? 0 : GROVE_VNET_F_NEEDS_CSUM;
    return decided(&policy, &packet, &held);
}

/* GRO-LIST-002, GRO-LIST-004: a datagram overtakes the list. */
static void list_of_csum(void **state)
{
    (void)state;
    for (int first_has = 0; first_has < 2; first_has++) {
        const struct decision udp = after_csum(UDP, first_has != 0);

        assert_replaces(after_csum(TCP, first_has != 0),
                        GROVE_RULE_LIST_TCP_CSUM);
        assert_decision(udp, GROVE_PASSED, GROVE_RULE_LIST_UDP_CSUM,
                        GROVE_RULE_NONE);
        assert_true(udp.beside);
    }
}

/* A flushed packet after `first`, which is no longer than it, or longer. */
static struct decision after_flushed(const char *profile, uint8_t protocol,
                                     uint32_t longer, enum grove_rule rule)
{
    const struct policy policy = lists_of(profile);
    const struct fields first = fields_of(4, protocol);
    struct fields next = fields_next(first);
    const struct held held = held_of(&policy, wire_of(&first));
    struct packet packet;

    next.payload_len += longer;
    packet = parsed(&policy, wire_of(&next));
    packet.flush = rule;
    packet.verified = false;
    return decided(&policy, &packet, &held);
}

/* It overtakes a list of UDP. Linux 6.1 lets only GSO packets do that. */
static void list_flushed(void **state)
{
    const enum grove_rule gso = GROVE_RULE_IN_GSO;
    const enum grove_rule reserved = GROVE_RULE_IP4_RESERVED;

    (void)state;
    assert_decision(after_flushed(NULL, UDP, 0, reserved), GROVE_PASSED,
                    reserved, GROVE_RULE_NONE);
    assert_decision(after_flushed("linux-6.1", UDP, 0, gso), GROVE_PASSED, gso,
                    GROVE_RULE_NONE);
    assert_follows(after_flushed("linux-6.1", UDP, 0, reserved), reserved);
    assert_follows(after_flushed(NULL, UDP, 1, reserved), reserved);
    assert_follows(after_flushed(NULL, TCP, 0, reserved), reserved);
}

/* GRO-IP4-011: what passes beside a list may decide about later packets. */
static void list_of_ids(void **state)
{
    static const char *const profiles[] = {"linux-6.18", "linux-6.1"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const struct policy policy = lists_of(profiles[i]);
        struct fields fields = fields_of(4, UDP);
        struct held held = held_of(&policy, wire_of(&fields));
        struct packet packet = parsed(&policy, wire_of(&fields));
        struct decision decision;

        packet.input.vnet.flags = GROVE_VNET_F_NEEDS_CSUM;
        decision = decided(&policy, &packet, &held);
        assert_true(decision.beside);
        assert_int_equal(decision.fixed_id, i == 0 ? FIXED_ID : 0);
        held.fixed_id = decision.fixed_id;
        fields = fields_next(fields);
        packet = parsed(&policy, wire_of(&fields));
        if (i == 0)
            assert_replaces(decided(&policy, &packet, &held),
                            GROVE_RULE_IP4_ID);
        else
            assert_merges(decided(&policy, &packet, &held));
    }
}

static void rejected(void **state)
{
    const struct policy policy = policy_of(NULL);
    const struct fields first = fields_of(4, TCP);
    const struct held held = held_of(&policy, wire_of(&first));
    const struct packet packet = {.input.reject = GROVE_RULE_VNET_TYPE};

    (void)state;
    assert_decision(decided(&policy, &packet, NULL), GROVE_REJECTED,
                    GROVE_RULE_VNET_TYPE, GROVE_RULE_NONE);
    assert_decision(decided(&policy, &packet, &held), GROVE_REJECTED,
                    GROVE_RULE_VNET_TYPE, GROVE_RULE_NONE);
}

/* Overtakes in Linux, does not in lossless mode: GRO-END-006. */
static void bypass(void **state)
{
    const struct policy policy = lossless_of(NULL);
    const struct fields first = fields_of(4, UDP);
    const struct fields next = fields_next(first);
    struct wire wire = wire_of(&next);
    struct packet packet;

    (void)state;
    wire_put8(wire, 40, (uint8_t)~wire.data[40]);
    assert_decision(after(policy_of(NULL), wire_of(&first), wire), GROVE_PASSED,
                    GROVE_RULE_UDP_CHECKSUM, GROVE_RULE_NONE);
    assert_decision(after(policy, wire_of(&first), wire), GROVE_PASSED,
                    GROVE_RULE_UDP_CHECKSUM, GROVE_RULE_END_ORDER);
    packet = parsed(&policy, wire);
    assert_decision(decided(&policy, &packet, NULL), GROVE_PASSED,
                    GROVE_RULE_UDP_CHECKSUM, GROVE_RULE_NONE);
}

/* A flushed packet makes the held one leave, whatever else differs. */
static void flush(void **state)
{
    const struct fields first = fields_of(4, TCP);
    struct fields next = fields_next(first);

    (void)state;
    next.fragment |= RESERVED;
    next.window++;
    assert_follows(after_fields(policy_of(NULL), first, next),
                   GROVE_RULE_IP4_RESERVED);
    assert_follows(after_fields(lossless_of(NULL), first, next),
                   GROVE_RULE_IP4_RESERVED);
    assert_decision(alone(policy_of(NULL), next), GROVE_PASSED,
                    GROVE_RULE_IP4_RESERVED, GROVE_RULE_NONE);
}

/* GRO-END-006: a fragment, whose ports are not known, and its addresses. */
static void between(void **state)
{
    const struct policy policy = lossless_of(NULL);
    const struct policy linux_mode = policy_of(NULL);
    struct fields fields = fields_of(4, UDP);
    struct packet packet;
    struct decision decision;

    (void)state;
    fields.fragment = MF;
    packet = parsed(&policy, wire_of(&fields));
    decision = decided(&policy, &packet, NULL);
    assert_int_equal(decision.verdict, GROVE_PASSED);
    assert_int_equal(decision.rule, GROVE_RULE_IP4_FRAGMENT);
    assert_int_equal(decision.leaves, GROVE_RULE_END_ORDER);
    assert_int_equal(decision.leavers, LEAVES_BETWEEN);
    assert_decision(decided(&linux_mode, &packet, NULL), GROVE_PASSED,
                    GROVE_RULE_IP4_FRAGMENT, GROVE_RULE_NONE);
    packet = parsed(&policy, wire_sized(&fields, 19));
    assert_decision(decided(&policy, &packet, NULL), GROVE_PASSED,
                    GROVE_RULE_IP4_SHORT, GROVE_RULE_NONE);
}

/* Both addresses and the IP version, and nothing else. */
static void is_between(void **state)
{
    const struct policy policy = lossless_of(NULL);
    struct fields fields[5];
    struct packet packet;

    (void)state;
    for (size_t i = 0; i < 5; i++)
        fields[i] = fields_of(4, UDP);
    packet = parsed(&policy, wire_of(&fields[0]));
    fields[0].source_port++;
    fields[1].protocol = TCP;
    fields[2].source[0]++;
    fields[3].destination[3]++;
    fields_alias(&fields[4]);
    for (size_t i = 0; i < 5; i++) {
        const struct held held = held_of(&policy, wire_of(&fields[i]));

        assert_int_equal(decide_is_between(&packet, &held), i < 2);
    }
}

/* GRO-END-007: holding a packet needs room, unless its flow made room. */
static void eviction(void **state)
{
    const struct policy policy = policy_of(NULL);
    struct fields fields = fields_of(4, TCP);
    const struct held held = held_of(&policy, wire_of(&fields));
    struct packet packet = parsed(&policy, wire_of(&fields));
    struct decision decision;

    (void)state;
    decide(&policy, &full, &packet, NULL, &decision);
    assert_int_equal(decision.verdict, GROVE_HELD);
    assert_int_equal(decision.rule, GROVE_RULE_NONE);
    assert_int_equal(decision.leaves, GROVE_RULE_END_EVICTED);
    assert_int_equal(decision.leavers, LEAVES_OLDEST);
    decide(&policy, &full, &packet, &held, &decision);
    assert_replaces(decision, GROVE_RULE_TCP_SEQUENCE);
    fields.flags |= SYN;
    packet = parsed(&policy, wire_of(&fields));
    decide(&policy, &full, &packet, NULL, &decision);
    assert_decision(decision, GROVE_PASSED, GROVE_RULE_END_FLAGS,
                    GROVE_RULE_NONE);
}

static void lossless_vnet(void **state)
{
    const struct policy policy = lossless_of(NULL);
    const struct fields first = fields_of(4, TCP);
    const struct fields next = fields_next(first);
    const struct held held = held_of(&policy, wire_of(&first));
    struct packet packet = parsed(&policy, wire_of(&next));

    (void)state;
    assert_merges(decided(&policy, &packet, &held));
    packet.input.vnet.flags = GROVE_VNET_F_NEEDS_CSUM;
    assert_follows(decided(&policy, &packet, &held), GROVE_RULE_LL_VNET);
    assert_merges(
        decided(&(struct policy){.profile = policy.profile}, &packet, &held));
}

/* A merge in Linux, and not in lossless mode. */
static void assert_lossy_wire(struct wire first, struct wire next,
                              enum grove_rule rule, enum grove_verdict verdict)
{
    assert_merges(after(policy_of("linux-7.2"), first, next));
    assert_decision(after(lossless_of("linux-7.2"), first, next), verdict, rule,
                    GROVE_RULE_END_MISMATCH);
}

static void lossless_checksums(void **state)
{
    const struct fields first = fields_of(4, TCP);
    const struct fields next = fields_next(first);
    const struct fields udp = fields_of(4, UDP);
    const struct fields udp_next = fields_next(udp);
    struct wire wire = wire_of(&next);

    (void)state;
    wire_odd_l4_checksum(wire);
    assert_lossy_wire(wire_of(&first), wire, GROVE_RULE_LL_TCP_CHECKSUM,
                      GROVE_PASSED);
    /* As a sender computes it. */
    wire_put16(wire, 36, 0);
    assert_merges(after(lossless_of(NULL), wire_of(&first), wire));
    wire = wire_of(&udp_next);
    wire_odd_l4_checksum(wire);
    assert_merges(after(lossless_of(NULL), wire_of(&udp), wire));
}

static void lossless_ip4_checksum(void **state)
{
    struct fields first = fields_of(4, UDP);
    struct fields next = fields_next(first);
    struct wire wire = wire_of(&next);

    (void)state;
    wire_odd_ip_checksum(wire);
    first.id = (uint16_t)(wire_get16(wire, 4) - 1);
    assert_lossy_wire(wire_of(&first), wire, GROVE_RULE_LL_IP4_CHECKSUM,
                      GROVE_PASSED);
    wire_put16(wire, 10, 0);
    assert_merges(after(lossless_of(NULL), wire_of(&first), wire));
}

static void lossless_udp(void **state)
{
    const struct fields udp = fields_of(6, UDP);
    const struct fields tcp = fields_of(6, TCP);

    (void)state;
    for (size_t i = 0; grove_profiles()[i] != NULL; i++) {
        const struct policy policy = lossless_of(grove_profiles()[i]);
        const bool taken = policy.profile.takes_uso;

        assert_int_equal(alone(policy, tcp).verdict, GROVE_HELD);
        assert_decision(alone(policy, udp), taken ? GROVE_HELD : GROVE_PASSED,
                        taken ? GROVE_RULE_NONE : GROVE_RULE_LL_UDP_WRITE,
                        GROVE_RULE_NONE);
    }
    assert_int_equal(alone(policy_of("linux-6.1"), udp).verdict, GROVE_HELD);
}

/* In lossless mode these are of one flow, but do not merge. */
static void lossless_flow(void **state)
{
    const struct fields first = fields_of(6, UDP);
    struct fields next = fields_next(first);
    struct fields extended = first;

    (void)state;
    next.flow_label++;
    assert_replaces(after_fields(lossless_of(NULL), first, next),
                    GROVE_RULE_LL_FLOW_LABEL);
    next = fields_next(first);
    fields_extend(&next, HBH, 1);
    assert_replaces(after_fields(lossless_of(NULL), first, next),
                    GROVE_RULE_LL_EXTENSION);
    fields_extend(&extended, HBH, 1);
    assert_merges(after_fields(lossless_of(NULL), extended, next));
    next.next_header = ROUTE; /* of the same bytes */
    assert_replaces(after_fields(lossless_of(NULL), extended, next),
                    GROVE_RULE_LL_EXTENSION);
    next.next_header = HBH;
    next.extensions[7]++;
    assert_replaces(after_fields(lossless_of(NULL), extended, next),
                    GROVE_RULE_LL_EXTENSION);
}

static void lossless_id(void **state)
{
    const struct fields first = fields_of(4, TCP);
    struct fields next = fields_next(first);

    (void)state;
    next.id = first.id;
    assert_lossy_wire(wire_of(&first), wire_of(&next), GROVE_RULE_LL_ID,
                      GROVE_HELD);
}

static void lossless_tcp(void **state)
{
    struct fields first = fields_of(4, TCP);
    struct fields next = fields_next(first);

    (void)state;
    next.urgent++;
    assert_lossy_wire(wire_of(&first), wire_of(&next), GROVE_RULE_LL_URGENT,
                      GROVE_HELD);
    next.urgent = first.urgent;
    first.flags |= CWR;
    next.flags |= CWR;
    assert_lossy_wire(wire_of(&first), wire_of(&next), GROVE_RULE_LL_CWR,
                      GROVE_HELD);
    next.flags = ACK;
    assert_merges(after_fields(lossless_of("linux-6.1"), first, next));
}

static void lossless_size(void **state)
{
    struct fields first = fields_of(4, TCP);
    struct fields next;

    (void)state;
    first.payload_len = 7;
    next = fields_next(first);
    assert_lossy_wire(wire_of(&first), wire_of(&next), GROVE_RULE_LL_SIZE,
                      GROVE_HELD);
    first.payload_len = 8;
    next = fields_next(first);
    assert_merges(after_fields(lossless_of(NULL), first, next));
    first = fields_of(4, UDP);
    first.payload_len = 1;
    next = fields_next(first);
    assert_merges(after_fields(lossless_of(NULL), first, next));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(tcp_header, wires_release),
        cmocka_unit_test_teardown(ip_header, wires_release),
        cmocka_unit_test_teardown(order_of_rules, wires_release),
        cmocka_unit_test_teardown(free_fields, wires_release),
        cmocka_unit_test_teardown(cwr, wires_release),
        cmocka_unit_test_teardown(fixed_id, wires_release),
        cmocka_unit_test_teardown(id_of_the_third, wires_release),
        cmocka_unit_test_teardown(only_ip4_has_an_id, wires_release),
        cmocka_unit_test_teardown(limit_of_bytes, wires_release),
        cmocka_unit_test_teardown(limit_of_more_bytes, wires_release),
        cmocka_unit_test_teardown(limit_of_jumbo_headers, wires_release),
        cmocka_unit_test_teardown(flags_that_end, wires_release),
        cmocka_unit_test_teardown(flags_that_do_not_end, wires_release),
        cmocka_unit_test_teardown(no_payload, wires_release),
        cmocka_unit_test_teardown(short_segment, wires_release),
        cmocka_unit_test_teardown(count_of_udp, wires_release),
        cmocka_unit_test_teardown(list_of_flags, wires_release),
        cmocka_unit_test_teardown(list_of_64, wires_release),
        cmocka_unit_test_teardown(list_of_bytes, wires_release),
        cmocka_unit_test_teardown(list_of_csum, wires_release),
        cmocka_unit_test_teardown(list_flushed, wires_release),
        cmocka_unit_test_teardown(list_of_ids, wires_release),
        cmocka_unit_test_teardown(rejected, wires_release),
        cmocka_unit_test_teardown(bypass, wires_release),
        cmocka_unit_test_teardown(flush, wires_release),
        cmocka_unit_test_teardown(between, wires_release),
        cmocka_unit_test_teardown(is_between, wires_release),
        cmocka_unit_test_teardown(eviction, wires_release),
        cmocka_unit_test_teardown(lossless_vnet, wires_release),
        cmocka_unit_test_teardown(lossless_checksums, wires_release),
        cmocka_unit_test_teardown(lossless_ip4_checksum, wires_release),
        cmocka_unit_test_teardown(lossless_udp, wires_release),
        cmocka_unit_test_teardown(lossless_flow, wires_release),
        cmocka_unit_test_teardown(lossless_id, wires_release),
        cmocka_unit_test_teardown(lossless_tcp, wires_release),
        cmocka_unit_test_teardown(lossless_size, wires_release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
