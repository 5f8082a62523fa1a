/* SPDX-License-Identifier: MIT */
/*
 * The comparison of two answers. It finds and names each difference in what
 * both answers contain, and nothing else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "run.h"

#define MAX_OUTPUTS 20

/* An answer whose outputs and fates a test may change. */
struct side {
    struct answer answer;
    struct run_output output[MAX_OUTPUTS];
    struct run_fate fate[2];
    uint8_t packet[120];
    uint32_t of[2];
};

static struct side expected, got;
static struct arena arena;
static const char *why;

/* One output of two packets, with every optional part. */
static void make_side(struct side *side)
{
    *side = (struct side){.of = {0, 1}};
    for (size_t i = 0; i < MAX_OUTPUTS; i++)
        side->output[i] = (struct run_output){
            .vnet = {.flags = GROVE_VNET_F_NEEDS_CSUM,
                     .gso_type = GROVE_VNET_GSO_TCPV4,
                     .hdr_len = 40,
                     .gso_size = 100,
                     .csum_start = 20,
                     .csum_offset = 16},
            .has_hdr_len = true,
            .has_of = true,
            .packet = side->packet,
            .len = sizeof side->packet,
            .of = side->of,
            .ofs = 2,
        };
    side->fate[0] = (struct run_fate){
        .has_verdict = true, .verdict = GROVE_HELD, .has_rule = true};
    side->fate[1] = side->fate[0];
    side->answer = (struct answer){
        .output = side->output, .outputs = 1, .fate = side->fate, .fates = 2};
}

static int set_up(void **state)
{
    (void)state;
    make_side(&expected);
    make_side(&got);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static void assert_agree(void)
{
    if (!answers_agree(&expected.answer, &got.answer, &arena, &why))
        fail_msg("differ: %s", why);
    assert_string_equal(why, "");
}

static void assert_differ(const char *words)
{
    assert_false(answers_agree(&expected.answer, &got.answer, &arena, &why));
    assert_string_equal(why, words);
}

static void equal_answers_agree(void **state)
{
    (void)state;
    assert_agree();
    expected.answer.outputs = got.answer.outputs = 0;
    assert_agree();
}

static void outputs_are_counted(void **state)
{
    (void)state;
    got.answer.outputs = 2;
    assert_differ("2 outputs, expected 1");
    got.answer.outputs = 0;
    assert_differ("0 outputs, expected 1");
}

static void every_vnet_field_is_compared(void **state)
{
    (void)state;
    got.output[0].vnet = (struct grove_vnet){2, 4, 60, 200, 40, 6, 0, 0};
    assert_differ("output 0: vnet.flags is 2, expected 1\n"
                  "output 0: vnet.gso_type is 4, expected 1\n"
                  "output 0: vnet.hdr_len is 60, expected 40\n"
                  "output 0: vnet.gso_size is 200, expected 100\n"
                  "output 0: vnet.csum_start is 40, expected 20\n"
                  "output 0: vnet.csum_offset is 6, expected 16");
}

static void parts_that_one_answer_lacks_are_not_compared(void **state)
{
    (void)state;
    got.output[0].vnet.hdr_len = 0;
    got.output[0].has_hdr_len = false;
    got.output[0].ofs = 0;
    got.output[0].has_of = false;
    got.fate[0] = got.fate[1] = (struct run_fate){.accepted = true};
    assert_agree();
    got.answer.fate = NULL;
    got.answer.fates = 0;
    assert_agree();
}

static void lengths_are_compared(void **state)
{
    (void)state;
    got.output[0].len = 119;
    assert_differ("output 0: length is 119, expected 120");
}

/* The name that a differing byte must have, by the form of the packet. */
struct place {
    const char *form; /* IP version and protocol, as write_form() takes it */
    size_t offset;
    const char *name;
};

static void write_form(uint8_t packet[120], const char *form)
{
    memset(packet, 0, 120);
    packet[0] = form[0] == '4' ? 0x45 : 0x60;
    packet[form[0] == '4' ? 9 : 6] = form[1] == 't' ? 6 : 17;
    if (form[1] == 'o') {
        packet[0] = 0x46;
        packet[9] = 6;
    }
    if (form[1] == 'x') {
        packet[6] = 60;
        packet[40] = 6;
    }
    if (form[1] == '?')
        packet[9] = 132;
    packet[20 + 12] = 0x60;
    packet[40 + 12] = 0x60;
    packet[48 + 12] = 0x50;
}

static void first_byte_is_named(void **state)
{
    static const struct place places[] = {
        {"4t", 1, "IPv4 TOS"},
        {"4t", 3, "IPv4 total length"},
        {"4t", 8, "IPv4 TTL"},
        {"4t", 19, "IPv4 destination address"},
        {"4t", 33, "TCP flags"},
        {"4t", 35, "TCP window"},
        {"4t", 43, "TCP options"},
        {"4t", 44, "payload"},
        {"4o", 23, "IPv4 options"},
        {"4o", 24, "TCP source port"},
        {"4u", 25, "UDP length"},
        {"4u", 28, "payload"},
        {"4?", 20, "no known field"},
        {"6t", 7, "IPv6 hop limit"},
        {"6t", 44, "TCP sequence number"},
        {"6x", 47, "IPv6 extension header"},
        {"6x", 64, "TCP checksum"},
        {"6x", 68, "payload"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        char words[128];

        write_form(expected.packet, places[i].form);
        write_form(got.packet, places[i].form);
        got.packet[places[i].offset] ^= 0x80;
        got.packet[119] ^= 1;
        snprintf(words, sizeof words,
                 "output 0: packet byte %zu (%s) is 0x%02x, expected 0x%02x; "
                 "2 bytes differ",
                 places[i].offset, places[i].name, got.packet[places[i].offset],
                 expected.packet[places[i].offset]);
        assert_differ(words);
    }
}

/* Malformed packets of every length are described, and not read beyond. */
static void naming_stays_inside(void **state)
{
    static const char *const forms[] = {"4t", "4o", "4u", "4?",
                                        "6t", "6x", "6u"};

    (void)state;
    for (size_t form = 0; form < sizeof forms / sizeof forms[0]; form++) {
        for (size_t len = 1; len <= 120; len++) {
            write_form(expected.packet, forms[form]);
            expected.output[0].packet =
                arena_copy(&arena, expected.packet, len);
            write_form(got.packet, forms[form]);
            got.packet[len - 1] ^= 0x80;
            expected.output[0].len = got.output[0].len = len;
            assert_false(
                answers_agree(&expected.answer, &got.answer, &arena, &why));
            assert_non_null(strstr(why, "1 byte differs"));
        }
    }
}

static void numbers_of_packets_are_compared(void **state)
{
    (void)state;
    got.of[1] = 5;
    assert_differ("output 0: of[1] is packet 5, expected 1");
    got.output[0].ofs = 1;
    assert_differ("output 0: of has 1 packets, expected 2");
}

static void verdicts_and_rules_are_compared(void **state)
{
    (void)state;
    got.fate[1].verdict = GROVE_MERGED;
    expected.fate[0].rule = "GRO-TCP-006";
    assert_differ("packet 0: rule is none, expected GRO-TCP-006\n"
                  "packet 1: verdict is merged, expected held");
    set_up(state);
    expected.fate[0].rule = "GRO-TCP-006";
    got.fate[0].rule = "GRO-TCP-007";
    assert_differ("packet 0: rule is GRO-TCP-007, expected GRO-TCP-006");
    set_up(state);
    got.answer.fates = 1;
    assert_differ("fates of 1 packets, expected 2");
}

static void rejections_are_compared_if_there_are_no_verdicts(void **state)
{
    (void)state;
    got.fate[0] = (struct run_fate){.accepted = true};
    expected.fate[0].verdict = GROVE_REJECTED;
    assert_differ("packet 0: verdict is accepted, expected rejected");
    got.fate[0] = expected.fate[0];
    expected.fate[0] = (struct run_fate){.accepted = true};
    assert_differ("packet 0: verdict is rejected, expected accepted");
    expected.fate[0] = (struct run_fate){0};
    assert_agree();
}

static void kinds_are_compared(void **state)
{
    (void)state;
    answer_fail(&got.answer, ANSWER_ERROR, "no memory");
    assert_differ("the answer is an error (no memory), expected output");
    answer_fail(&got.answer, ANSWER_DEAD, "signal 11");
    assert_differ("the answer is no answer (signal 11), expected output");
    answer_fail(&got.answer, ANSWER_REJECTED, "EINVAL");
    answer_fail(&expected.answer, ANSWER_REJECTED, "EINVAL");
    assert_agree();
    answer_fail(&expected.answer, ANSWER_REJECTED, "ENOMEM");
    assert_differ(
        "the answer is rejected (EINVAL), expected rejected (ENOMEM)");
    expected.answer.reason = NULL;
    assert_differ("the answer is rejected (EINVAL), expected rejected");
    answer_free(&got.answer);
    answer_free(&expected.answer);
}

static void an_answer_without_output_agrees_with_nothing(void **state)
{
    (void)state;
    answer_fail(&got.answer, ANSWER_SKIPPED, "x");
    answer_fail(&expected.answer, ANSWER_SKIPPED, "x");
    assert_differ("the answer is skipped (x), expected skipped (x)");
    answer_free(&got.answer);
    answer_free(&expected.answer);
}

static void many_differences_are_cut_short(void **state)
{
    const char *line;
    size_t lines = 1;

    (void)state;
    expected.answer.outputs = got.answer.outputs = MAX_OUTPUTS;
    for (size_t i = 0; i < MAX_OUTPUTS; i++)
        got.output[i].len--;
    assert_false(answers_agree(&expected.answer, &got.answer, &arena, &why));
    for (line = why; (line = strchr(line, '\n')) != NULL; line++)
        lines++;
    assert_int_equal(lines, 13);
    assert_non_null(strstr(why, "\n... and 8 more"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(equal_answers_agree),
        TEST(outputs_are_counted),
        TEST(every_vnet_field_is_compared),
        TEST(parts_that_one_answer_lacks_are_not_compared),
        TEST(lengths_are_compared),
        TEST(first_byte_is_named),
        TEST(naming_stays_inside),
        TEST(numbers_of_packets_are_compared),
        TEST(verdicts_and_rules_are_compared),
        TEST(rejections_are_compared_if_there_are_no_verdicts),
        TEST(kinds_are_compared),
        TEST(an_answer_without_output_agrees_with_nothing),
        TEST(many_differences_are_cut_short),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
