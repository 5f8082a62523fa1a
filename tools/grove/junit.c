/* SPDX-License-Identifier: MIT */
#include "junit.h"

#include <errno.h>
#include <string.h>

#include "grove.h"
#include "outfile.h"
#include "print_json.h"
#include "spool.h"

/* Prints a character of an attribute or text. XML has few control ones. */
static void print_xml(FILE *stream, const char *string, size_t len)
{
    json_t *text = json_textn(string, len);

    for (const char *at = json_string_value(text); *at != '\0'; at++) {
        unsigned char c = (unsigned char)*at;

        if (c == '&')
            fputs("&amp;", stream);
        else if (c == '<')
            fputs("&lt;", stream);
        else if (c == '>')
            fputs("&gt;", stream);
        else if (c == '"')
            fputs("&quot;", stream);
        else
            fputc(c < ' ' && c != '\n' ? '?' : c, stream);
    }
    json_decref(text);
}

static void print_text(FILE *stream, const char *string)
{
    print_xml(stream, string, strlen(string));
}

/* Prints the first line of a text. */
static void print_attribute(FILE *stream, const char *name, const char *value)
{
    fprintf(stream, " %s=\"", name);
    print_xml(stream, value, strcspn(value, "\n"));
    fputc('"', stream);
}

/* Prints the attributes that testsuites and testsuite share. */
static void print_totals(FILE *stream, const struct junit_totals *totals)
{
    const size_t *counts = totals->counts;
    size_t count = 0;

    for (int i = 0; i < OUTCOMES; i++)
        count += counts[i];
    fprintf(stream,
            " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\""
            " time=\"%.6f\">\n",
            count, counts[FAILED], counts[UNANSWERED],
            counts[SKIPPED] + counts[KNOWN], totals->seconds);
}

static void print_property(FILE *stream, const char *name, const char *value)
{
    fputs("   <property", stream);
    print_attribute(stream, "name", name);
    print_attribute(stream, "value", value);
    fputs("/>\n", stream);
}

static void print_skipped(FILE *stream, const struct result *result)
{
    fputs(">\n   <skipped message=\"", stream);
    if (result->outcome == KNOWN)
        fputs("known failure: ", stream);
    print_xml(stream, result->why, strcspn(result->why, "\n"));
    if (result->issue != NULL) {
        fputs(" (", stream);
        print_text(stream, result->issue);
        fputc(')', stream);
    }
    fputs("\"/>\n  </testcase>\n", stream);
}

/* What a forge may group failures by: the level, the kind and the field. */
static void print_type(FILE *stream, const struct result *result)
{
    const struct judgement *judgement = &result->judgement;

    if (!result->is_judged) {
        print_attribute(stream, "type", "difference");
        return;
    }
    fprintf(stream, " type=\"%s", level_words(judgement->level));
    if (judgement->harm != HARM_NONE)
        fprintf(stream, " %s", harm_words(judgement->harm));
    if (judgement->field != NULL)
        fprintf(stream, " %s", judgement->field);
    fputc('"', stream);
}

/* A forge lists the messages, and shows the text of one that is opened. */
static void print_failure(FILE *stream, const struct result *result)
{
    fputs(">\n   <failure", stream);
    print_type(stream, result);
    print_attribute(stream, "message", result->why);
    fputc('>', stream);
    print_text(stream, result->vector->title);
    for (size_t i = 0; i < result->vector->rules.count; i++)
        fprintf(stream, "%s%s", i == 0 ? "\n" : " ",
                result->vector->rules.at[i]);
    fputc('\n', stream);
    print_text(stream, result->why);
    fputs("</failure>\n  </testcase>\n", stream);
}

static void print_error(FILE *stream, const struct result *result)
{
    fputs(">\n   <error type=\"no answer\"", stream);
    print_attribute(stream, "message", result->why);
    fputs("/>\n  </testcase>\n", stream);
}

static void print_case(FILE *stream, const struct result *result)
{
    fputs("  <testcase", stream);
    print_attribute(stream, "classname", result->member->file.suite);
    fprintf(stream, " name=\"%s ", result->vector->id);
    print_text(stream, result->profile);
    fprintf(stream, "\" time=\"%.6f\"", result->seconds);
    /* A case that passes is short, since forges limit the size of a file. */
    if (result->outcome == PASSED) {
        fputs("/>\n", stream);
        return;
    }
    print_attribute(stream, "file", result->member->path);
    if (result->outcome == FAILED)
        print_failure(stream, result);
    else if (result->outcome == UNANSWERED)
        print_error(stream, result);
    else
        print_skipped(stream, result);
}

bool junit_open(struct junit *junit, size_t suites)
{
    *junit = (struct junit){.spool = spool_open()};
    junit->suites = arena_alloc(&junit->arena, suites, sizeof *junit->suites);
    return junit->spool != NULL;
}

void junit_close(struct junit *junit)
{
    if (junit->spool != NULL)
        fclose(junit->spool);
    arena_free(&junit->arena);
    *junit = (struct junit){0};
}

void junit_result(struct junit *junit, const struct result *result)
{
    struct junit_suite *suite = junit->suites;
    const off_t begin = ftello(junit->spool);

    if (junit->count > 0)
        suite = &junit->suites[junit->count - 1];
    if (suite->member != result->member) {
        suite = &junit->suites[junit->count++];
        suite->member = result->member;
    }
    print_case(junit->spool, result);
    suite->totals.counts[result->outcome]++;
    suite->totals.seconds += result->seconds;
    suite->len += (size_t)(ftello(junit->spool) - begin);
}

static bool print_suite(FILE *stream, const char *implementation,
                        const struct junit_suite *suite, FILE *spool)
{
    const struct vector_member *member = suite->member;
    bool whole;

    fputs(" <testsuite", stream);
    print_attribute(stream, "name", member->file.suite);
    print_attribute(stream, "file", member->path);
    print_totals(stream, &suite->totals);
    fputs("  <properties>\n", stream);
    print_property(stream, "implementation", implementation);
    print_property(stream, "spec", member->file.spec);
    fputs("  </properties>\n", stream);
    whole = spool_copy(spool, suite->len, stream);
    fputs(" </testsuite>\n", stream);
    return whole;
}

static struct junit_totals totals_of(const struct junit *junit)
{
    struct junit_totals totals = {0};

    for (size_t i = 0; i < junit->count; i++) {
        for (int outcome = 0; outcome < OUTCOMES; outcome++)
            totals.counts[outcome] += junit->suites[i].totals.counts[outcome];
        totals.seconds += junit->suites[i].totals.seconds;
    }
    return totals;
}

static bool print_suites(FILE *stream, const char *implementation,
                         const struct junit *junit)
{
    const struct junit_totals totals = totals_of(junit);
    bool whole = spool_rewind(junit->spool);

    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites", stream);
    print_attribute(stream, "name", "grove check");
    print_totals(stream, &totals);
    for (size_t i = 0; i < junit->count && whole; i++)
        whole = print_suite(stream, implementation, &junit->suites[i],
                            junit->spool);
    fputs("</testsuites>\n", stream);
    return whole;
}

bool junit_report(struct junit *junit, const char *implementation,
                  const char *path)
{
    struct outfile out;
    bool good = outfile_open(&out, path);

    if (good && !print_suites(out.stream, implementation, junit))
        return outfile_abandon(&out);
    good = good && outfile_commit(&out);
    if (!good)
        complain("%s: %s; choose another place", path, strerror(errno));
    return good;
}
