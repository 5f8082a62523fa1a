/* SPDX-License-Identifier: MIT */
#include "junit.h"

#include <string.h>

#include "outfile.h"
#include "print_json.h"

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
static void print_totals(FILE *stream, const struct result *results,
                         size_t count)
{
    size_t counts[OUTCOMES] = {0};
    double seconds = 0;

    for (size_t i = 0; i < count; i++) {
        counts[results[i].outcome]++;
        seconds += results[i].seconds;
    }
    fprintf(stream,
            " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\""
            " time=\"%.6f\">\n",
            count, counts[FAILED], counts[UNANSWERED],
            counts[SKIPPED] + counts[KNOWN], seconds);
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

/* Prints the results of one vector file. */
static void print_suite(FILE *stream, const char *implementation,
                        const struct result *results, size_t count)
{
    const struct vector_member *member = results[0].member;

    fputs(" <testsuite", stream);
    print_attribute(stream, "name", member->file.suite);
    print_attribute(stream, "file", member->path);
    print_totals(stream, results, count);
    fputs("  <properties>\n", stream);
    print_property(stream, "implementation", implementation);
    print_property(stream, "spec", member->file.spec);
    fputs("  </properties>\n", stream);
    for (size_t i = 0; i < count; i++)
        print_case(stream, &results[i]);
    fputs(" </testsuite>\n", stream);
}

static size_t results_of_file(const struct result *results, size_t count)
{
    size_t n = 1;

    while (n < count && results[n].member == results[0].member)
        n++;
    return n;
}

bool junit_report(const char *path, const struct report *report)
{
    struct outfile out;

    if (!outfile_open(&out, path))
        return false;
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites",
          out.stream);
    print_attribute(out.stream, "name", "grove check");
    print_totals(out.stream, report->results, report->count);
    for (size_t i = 0, n; i < report->count; i += n) {
        n = results_of_file(&report->results[i], report->count - i);
        print_suite(out.stream, report->implementation, &report->results[i], n);
    }
    fputs("</testsuites>\n", out.stream);
    return outfile_commit(&out);
}
