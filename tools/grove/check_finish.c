/* SPDX-License-Identifier: MIT */
/* grove check: what is said after the last result. */
#include <errno.h>
#include <string.h>

#include "check.h"
#include "grove.h"
#include "junit.h"
#include "no_answer.h"

/* The question that had no answer. */
static const char *last_question(const struct check *check, struct arena *arena)
{
    const struct result *result = check->report.results;

    while (result->outcome != UNANSWERED)
        result++;
    return arena_printf(arena, "%s %s", result->vector->id, result->profile);
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

int check_finish(struct check *check)
{
    const size_t *counts = check->report.counts;
    const char *path = check->options.junit;

    if (path != NULL && !junit_report(path, &check->report)) {
        complain("%s: %s; choose another place", path, strerror(errno));
        return GROVE_EXIT_USAGE;
    }
    fflush(stdout);
    print_summary(counts);
    if (counts[UNANSWERED] > 0) {
        no_answer(&check->implementation, last_question(check, &check->arena),
                  &check->answer);
        return GROVE_EXIT_USAGE;
    }
    if (counts[FAILED] > 0)
        return GROVE_EXIT_DIFFERS;
    return counts[PASSED] + counts[KNOWN] > 0 ? GROVE_EXIT_HOLDS
                                              : GROVE_EXIT_SKIPPED;
}
