/* SPDX-License-Identifier: MIT */
/*
 * The comparison of two answers. A part that one of them lacks is not compared.
 * Each field that differs is named in a line. Only the first lines are kept,
 * which are enough to understand a difference.
 */
#include "run.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "field.h"

#define MAX_LINES 12

/* The differences found so far. */
struct report {
    struct arena *arena;
    const char *text; /* the first MAX_LINES differences */
    size_t lines;     /* number of all differences */
};

__attribute__((format(printf, 2, 3))) static void
differs(struct report *report, const char *format, ...)
{
    char line[256];
    va_list args;

    if (report->lines++ >= MAX_LINES)
        return;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    report->text = arena_printf(report->arena, "%s%s%s", report->text,
                                report->lines > 1 ? "\n" : "", line);
}

static void compare_number(struct report *report, size_t output,
                           const char *name, unsigned expected, unsigned got)
{
    if (got != expected)
        differs(report, "output %zu: vnet.%s is %u, expected %u", output, name,
                got, expected);
}

static void compare_vnet(struct report *report, size_t number,
                         const struct run_output *expected,
                         const struct run_output *got)
{
    const struct grove_vnet *e = &expected->vnet;
    const struct grove_vnet *g = &got->vnet;

    compare_number(report, number, "flags", e->flags, g->flags);
    compare_number(report, number, "gso_type", e->gso_type, g->gso_type);
    if (expected->has_hdr_len && got->has_hdr_len)
        compare_number(report, number, "hdr_len", e->hdr_len, g->hdr_len);
    compare_number(report, number, "gso_size", e->gso_size, g->gso_size);
    compare_number(report, number, "csum_start", e->csum_start, g->csum_start);
    compare_number(report, number, "csum_offset", e->csum_offset,
                   g->csum_offset);
    compare_number(report, number, "outer_th_offset", e->outer_th_offset,
                   g->outer_th_offset);
    compare_number(report, number, "inner_nh_offset", e->inner_nh_offset,
                   g->inner_nh_offset);
}

static void compare_bytes(struct report *report, size_t number,
                          const struct run_output *expected,
                          const struct run_output *got)
{
    size_t len = expected->len < got->len ? expected->len : got->len;
    size_t first = len;
    size_t count = 0;
    const char *field;

    if (len == 0 || memcmp(expected->packet, got->packet, len) == 0)
        return;
    for (size_t i = 0; i < len; i++) {
        if (expected->packet[i] != got->packet[i] && count++ == 0)
            first = i;
    }
    field = field_name(expected->packet, expected->len, first);
    differs(report,
            "output %zu: packet byte %zu (%s) is 0x%02x, expected 0x%02x; "
            "%zu %s",
            number, first, field != NULL ? field : "no known field",
            got->packet[first], expected->packet[first], count,
            count == 1 ? "byte differs" : "bytes differ");
}

static void compare_of(struct report *report, size_t number,
                       const struct run_output *expected,
                       const struct run_output *got)
{
    if (!expected->has_of || !got->has_of)
        return;
    if (expected->ofs != got->ofs)
        differs(report, "output %zu: of has %zu packets, expected %zu", number,
                got->ofs, expected->ofs);
    for (size_t i = 0; i < expected->ofs && i < got->ofs; i++) {
        if (expected->of[i] != got->of[i]) {
            differs(report, "output %zu: of[%zu] is packet %u, expected %u",
                    number, i, got->of[i], expected->of[i]);
            return;
        }
    }
}

static void compare_rest(struct report *report, size_t number,
                         const struct run_output *expected,
                         const struct run_output *got)
{
    if (expected->has_rest && got->has_rest && expected->rest != got->rest)
        differs(report,
                "output %zu: %zu more packets are in its list, expected %zu",
                number, got->rest, expected->rest);
}

static void compare_outputs(struct report *report,
                            const struct answer *expected,
                            const struct answer *got)
{
    if (expected->outputs != got->outputs)
        differs(report, "%zu outputs, expected %zu", got->outputs,
                expected->outputs);
    for (size_t i = 0; i < expected->outputs && i < got->outputs; i++) {
        const struct run_output *e = &expected->output[i];
        const struct run_output *g = &got->output[i];

        if (e->len != g->len)
            differs(report, "output %zu: length is %zu, expected %zu", i,
                    g->len, e->len);
        compare_vnet(report, i, e, g);
        compare_bytes(report, i, e, g);
        compare_of(report, i, e, g);
        compare_rest(report, i, e, g);
    }
}

static bool rejected(const struct run_fate *fate)
{
    return fate->has_verdict && fate->verdict == GROVE_REJECTED;
}

static const char *verdict_of(const struct run_fate *fate)
{
    return fate->has_verdict ? grove_verdict_words(fate->verdict) : "accepted";
}

/*
 * Two verdicts differ if they are different words. If one side only knows that
 * the packet was accepted, they differ if the other side rejected it.
 */
static bool verdicts_differ(const struct run_fate *a, const struct run_fate *b)
{
    if (a->has_verdict && b->has_verdict)
        return a->verdict != b->verdict;
    return (a->accepted && rejected(b)) || (b->accepted && rejected(a));
}

static bool rules_differ(const struct run_fate *a, const struct run_fate *b)
{
    if (!a->has_rule || !b->has_rule)
        return false;
    if (a->rule == NULL || b->rule == NULL)
        return a->rule != b->rule;
    return strcmp(a->rule, b->rule) != 0;
}

static void compare_fates(struct report *report, const struct answer *expected,
                          const struct answer *got)
{
    if (expected->fate == NULL || got->fate == NULL)
        return;
    if (expected->fates != got->fates)
        differs(report, "fates of %zu packets, expected %zu", got->fates,
                expected->fates);
    for (size_t i = 0; i < expected->fates && i < got->fates; i++) {
        const struct run_fate *e = &expected->fate[i];
        const struct run_fate *g = &got->fate[i];

        if (verdicts_differ(e, g))
            differs(report, "packet %zu: verdict is %s, expected %s", i,
                    verdict_of(g), verdict_of(e));
        if (rules_differ(e, g))
            differs(report, "packet %zu: rule is %s, expected %s", i,
                    g->rule != NULL ? g->rule : "none",
                    e->rule != NULL ? e->rule : "none");
    }
}

/* Describes the kind of an answer; the words follow "the answer is". */
static const char *kind_words(struct arena *arena, const struct answer *answer)
{
    static const char *const words[] = {
        [ANSWER_OUTPUT] = "output",   [ANSWER_REJECTED] = "rejected",
        [ANSWER_SKIPPED] = "skipped", [ANSWER_ERROR] = "an error",
        [ANSWER_DEAD] = "no answer",  [ANSWER_LATE] = "no answer",
        [ANSWER_LOST] = "no answer",
    };

    if (answer->reason == NULL)
        return words[answer->kind];
    return arena_printf(arena, "%s (%s)", words[answer->kind], answer->reason);
}

static bool reasons_equal(const struct answer *a, const struct answer *b)
{
    if (a->reason == NULL || b->reason == NULL)
        return a->reason == b->reason;
    return strcmp(a->reason, b->reason) == 0;
}

/* An answer without output agrees with no answer, even of the same kind. */
static bool kinds_agree(const struct answer *a, const struct answer *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == ANSWER_REJECTED)
        return reasons_equal(a, b);
    return a->kind == ANSWER_OUTPUT;
}

bool answers_agree(const struct answer *expected, const struct answer *got,
                   struct arena *arena, const char **why)
{
    struct report report = {.arena = arena, .text = ""};

    if (!kinds_agree(expected, got)) {
        differs(&report, "the answer is %s, expected %s",
                kind_words(arena, got), kind_words(arena, expected));
    } else {
        compare_fates(&report, expected, got);
        compare_outputs(&report, expected, got);
    }
    if (report.lines > MAX_LINES)
        report.text = arena_printf(arena, "%s\n... and %zu more", report.text,
                                   report.lines - MAX_LINES);
    *why = report.text;
    return report.lines == 0;
}
