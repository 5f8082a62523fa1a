/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <stdlib.h>
#include <string.h>

#include "level_report.h"
#include "print_json.h"
#include "spool.h"

static const char *const outcome_words[OUTCOMES] = {[PASSED] = "passed",
                                                    [FAILED] = "failed",
                                                    [KNOWN] = "known",
                                                    [SKIPPED] = "skipped",
                                                    [UNANSWERED] =
                                                        "unanswered"};

/* Prints a string as JSON, which is also YAML. */
static void print_quoted(FILE *stream, const char *string)
{
    json_t *value = json_text(string);

    json_dumpf(value, stream, JSON_ENCODE_ANY);
    json_decref(value);
}

void tap_begin(FILE *stream, size_t count)
{
    fprintf(stream, "TAP version 14\n1..%zu\n", count);
}

/* Prints the lines of `why` as a YAML block. */
static void print_differences(FILE *stream, const char *why)
{
    fputs("  differences: |\n", stream);
    while (*why != '\0') {
        size_t len = strcspn(why, "\n");

        fprintf(stream, "    %.*s\n", (int)len, why);
        why += len;
        why += *why == '\n';
    }
}

/* Prints a text without '#', which begins a directive in TAP. */
static void print_escaped(FILE *stream, const char *string)
{
    for (; *string != '\0'; string++) {
        if (*string == '#' || *string == '\\')
            fputc('\\', stream);
        fputc(*string, stream);
    }
}

/* Prints the level of an answer, and what is wrong with it, as YAML. */
static void print_level(FILE *stream, const struct judgement *judgement)
{
    fprintf(stream, "  level: %s\n", level_words(judgement->level));
    if (judgement->harm != HARM_NONE)
        fprintf(stream, "  kind: %s\n", harm_words(judgement->harm));
    if (judgement->field != NULL)
        fprintf(stream, "  field: %s\n", judgement->field);
}

static bool failed(const struct result *result)
{
    return result->outcome == FAILED || result->outcome == KNOWN;
}

static void print_failure(FILE *stream, const struct result *result)
{
    fputs("  ---\n  file: ", stream);
    print_quoted(stream, result->member->path);
    fputs("\n  title: ", stream);
    print_quoted(stream, result->vector->title);
    fputc('\n', stream);
    if (result->is_judged)
        print_level(stream, &result->judgement);
    print_differences(stream, result->why);
    fputs("  ...\n", stream);
}

/* A result that passes at a lower level than exact. */
static void print_reached(FILE *stream, const struct result *result)
{
    fputs("  ---\n", stream);
    print_level(stream, &result->judgement);
    fputs("  ...\n", stream);
}

static void tap_end(FILE *stream, const struct result *result)
{
    fprintf(stream, "Bail out! %s ", result->vector->id);
    print_escaped(stream, result->profile);
    fputs(": ", stream);
    print_escaped(stream, result->why);
    fputc('\n', stream);
}

void tap_result(FILE *stream, size_t number, const struct result *result)
{
    if (result->outcome == UNANSWERED) {
        tap_end(stream, result);
        return;
    }
    fprintf(stream, "%s %zu - %s ", failed(result) ? "not ok" : "ok", number,
            result->vector->id);
    print_escaped(stream, result->profile);
    if (result->outcome == SKIPPED) {
        fprintf(stream, " # SKIP %s", result->why);
        if (result->issue != NULL)
            fprintf(stream, " (%s)", result->issue);
    }
    if (result->outcome == KNOWN)
        fputs(" # TODO known failure", stream);
    fputc('\n', stream);
    if (failed(result))
        print_failure(stream, result);
    else if (result->is_judged && result->judgement.level != LEVEL_EXACT)
        print_reached(stream, result);
}

static void add_level(json_t *object, const struct judgement *judgement)
{
    json_object_set_new(object, "level",
                        json_text(level_words(judgement->level)));
    if (judgement->harm != HARM_NONE)
        json_object_set_new(object, "kind",
                            json_text(harm_words(judgement->harm)));
    if (judgement->field != NULL)
        json_object_set_new(object, "field", json_text(judgement->field));
}

static json_t *encode_result(const struct result *result)
{
    json_t *object = json_object();

    json_object_set_new(object, "file", json_text(result->member->path));
    json_object_set_new(object, "id", json_text(result->vector->id));
    json_object_set_new(object, "profile", json_text(result->profile));
    json_object_set_new(object, "result",
                        json_text(outcome_words[result->outcome]));
    if (result->is_judged)
        add_level(object, &result->judgement);
    if (result->why != NULL)
        json_object_set_new(object, "why", json_lines(result->why));
    if (result->issue != NULL)
        json_object_set_new(object, "issue", json_text(result->issue));
    return object;
}

/* What is behind each line feed of an element of "results". */
static const char indent[] = "  ";

void json_result(FILE *spool, const struct result *result)
{
    json_t *object = encode_result(result);
    char *text = json_pretty(object);

    fputs(ftello(spool) == 0 ? "\n" : ",\n", spool);
    for (const char *line = text; *line != '\0';) {
        const size_t len = strcspn(line, "\n");

        fprintf(spool, "%s%.*s", indent, (int)len, line);
        line += len;
        if (*line == '\n')
            fputc(*line++, spool);
    }
    free(text);
    json_decref(object);
}

/* All but the results, which are empty. */
static json_t *encode_head(const struct report *report)
{
    json_t *object = json_object();

    json_object_set_new(object, "implementation",
                        json_text(report->implementation));
    if (report->profile != NULL)
        json_object_set_new(object, "profile", json_text(report->profile));
    for (int i = 0; i < OUTCOMES; i++)
        json_object_set_new(object, outcome_words[i],
                            json_integer((json_int_t)report->counts[i]));
    level_members(object, report);
    json_object_set_new(object, "results", json_array());
    return object;
}

bool json_report(FILE *stream, const struct report *report, FILE *spool)
{
    static const char end[] = "]\n}"; /* the results go before it */
    const size_t len = (size_t)ftello(spool);
    json_t *object;
    char *text;
    bool whole;

    if (!spool_rewind(spool))
        return false;
    object = encode_head(report);
    text = json_pretty(object);
    fwrite(text, 1, strlen(text) - strlen(end), stream);
    whole = spool_copy(spool, len, stream);
    fprintf(stream, "\n %s\n", end);
    free(text);
    json_decref(object);
    return whole;
}
