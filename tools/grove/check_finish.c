/* SPDX-License-Identifier: MIT */
/* grove check: what is said of each result, and after the last one. */
#include "check.h"
#include "grove.h"
#include "level_report.h"
#include "no_answer.h"

void check_report(struct check *check, const struct result *result)
{
    struct report *report = &check->report;

    report->counts[result->outcome]++;
    report->reported++;
    if (check->options.json)
        json_result(check->spool, result);
    else if (check->unanswered == NULL)
        tap_result(stdout, report->reported, result);
    if (check->options.junit != NULL)
        junit_result(&check->junit, result);
    if (result->outcome == UNANSWERED && check->unanswered == NULL)
        check->unanswered = arena_printf(&check->arena, "%s %s",
                                         result->vector->id, result->profile);
}

static void print_summary(const size_t *counts)
{
    fprintf(stderr, "%s%zu passed, %zu failed, %zu skipped",
            colour(stderr, counts[FAILED] + counts[UNANSWERED] > 0
                               ? COLOUR_RED
                               : COLOUR_GREEN),
            counts[PASSED], counts[FAILED], counts[SKIPPED]);
    if (counts[KNOWN] > 0)
        fprintf(stderr, ", %zu failed as known", counts[KNOWN]);
    if (counts[UNANSWERED] > 0)
        fprintf(stderr, ", %zu not answered", counts[UNANSWERED]);
    fprintf(stderr, "%s\n", colour(stderr, COLOUR_NONE));
}

/* False: a file that is needed cannot be written or read. */
static bool print_reports(struct check *check)
{
    const struct report *report = &check->report;
    const struct check_options *options = &check->options;

    if (options->json && !json_report(stdout, report, check->spool))
        return false;
    if (!options->json && report->shrunk)
        level_table(stdout, report);
    return options->junit == NULL ||
           junit_report(&check->junit, report->implementation, options->junit);
}

int check_finish(struct check *check)
{
    const size_t *counts = check->report.counts;

    if (!print_reports(check))
        return GROVE_EXIT_USAGE;
    fflush(stdout);
    print_summary(counts);
    if (check->unanswered != NULL) {
        no_answer(&check->implementation, check->unanswered, &check->answer);
        return GROVE_EXIT_USAGE;
    }
    if (counts[FAILED] > 0)
        return GROVE_EXIT_DIFFERS;
    return counts[PASSED] + counts[KNOWN] > 0 ? GROVE_EXIT_HOLDS
                                              : GROVE_EXIT_SKIPPED;
}
