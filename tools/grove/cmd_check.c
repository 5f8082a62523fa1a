/* SPDX-License-Identifier: MIT */
/* grove check: checks an implementation against vectors. */
#include <argp.h>
#include <stdlib.h>
#include <unistd.h>

#include "adapter.h"
#include "adapter_option.h"
#include "check.h"
#include "command_line.h"
#include "common_option.h"
#include "grove.h"
#include "kernel_option.h"
#include "level_option.h"
#include "profile_option.h"
#include "spool.h"

static const struct argp_option option_list[] = {
    {"exec", 'e', "CMD", 0, "Check the adapter that this shell command runs",
     0},
    {"kernel", 'k', NULL, 0, "Check the kernel of this machine", 0},
    {"profile", 'p', "NAME", 0,
     "Check only what is expected under this profile, as linux-6.18", 0},
    {"tag", 't', "FLAG", 0, "Only vectors with this flag", 0},
    {"op", 'o', "gro|gso", 0, "Only vectors of this op", 0},
    {"known-failures", 'F', "FILE", 0,
     "File with the ids of vectors that may fail, one a line. A listed vector "
     "that passes is a failure",
     0},
    LEVEL_OPTION,
    TIMEOUT_OPTION,
    {"junit", 'J', "FILE", 0, "Also write the results to FILE as JUnit XML", 0},
    {"json", 'j', NULL, 0, "Write one JSON object instead of TAP", 0},
    {0}};

static void check_options(const struct check_options *options,
                          struct argp_state *state)
{
    if (options->paths == NULL)
        wrong_usage(state, "no vectors; name a file or a folder");
    if (options->kernel && options->command != NULL)
        refuse_both("exec", "kernel", state);
}

static error_t parse_option(int key, char *value, struct argp_state *state)
{
    struct check_options *options = state->input;

    switch (key) {
    case 'e':
        options->command = value;
        return 0;
    case 'k':
        options->kernel = true;
        return 0;
    case 'p':
        options->profile = parse_profile(value, state);
        return 0;
    case 't':
        options->tag = value;
        return 0;
    case 'o':
        options->op = parse_op(value, state);
        options->has_op = true;
        return 0;
    case OPTION_LEVEL:
        options->level = parse_level(value, state);
        options->has_level = true;
        return 0;
    case 'F':
        options->known_failures = value;
        return 0;
    case 'T':
        options->timeout_ms = parse_timeout(value, state);
        return 0;
    case 'J':
        options->junit = value;
        return 0;
    case 'j':
        options->json = true;
        return 0;
    case ARGP_KEY_ARGS:
        options->paths = state->argv + state->next;
        return 0;
    case ARGP_KEY_END:
        check_options(options, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void take_profile(struct check *check, const char *profile)
{
    check->profiles.at =
        arena_copy(&check->arena, &profile, sizeof(const char *));
    check->profiles.count = 1;
}

/* The level that was asked for, or that the adapter claims. */
static int choose_level(struct check *check)
{
    const struct check_options *options = &check->options;

    check->report.level = options->level;
    if (options->has_level || options->command == NULL)
        return GROVE_EXIT_HOLDS;
    return claimed_level(&check->implementation, options->command,
                         &check->report.level);
}

static int open_implementation(struct check *check)
{
    const struct check_options *options = &check->options;
    struct implementation *implementation = &check->implementation;
    int status = GROVE_EXIT_HOLDS;

    check->report.profile = options->profile;

    if (options->command != NULL)
        status =
            open_adapter(implementation, options->command, options->timeout_ms);
    else if (options->kernel)
        status = open_live_kernel(implementation, options->profile,
                                  &check->report.profile);
    else
        reference_open(implementation);
    if (status != GROVE_EXIT_HOLDS)
        return status;
    check->report.implementation = implementation->name;
    if (check->report.profile != NULL)
        take_profile(check, check->report.profile);
    else if (options->command != NULL)
        check->profiles = adapter_said(implementation)->profiles;
    return choose_level(check);
}

static int read_vectors(struct check *check)
{
    check->set.outlines = true;
    for (char **path = check->options.paths; *path != NULL; path++) {
        const char *why = vector_set_add(&check->set, *path);

        if (why != NULL) {
            complain("%s", why);
            return GROVE_EXIT_USAGE;
        }
    }
    return GROVE_EXIT_HOLDS;
}

static int read_known_failures(struct check *check)
{
    const char *path = check->options.known_failures;
    const char *why;

    if (path == NULL)
        return GROVE_EXIT_HOLDS;
    why = known_failures_read(&check->known, path);
    if (why == NULL)
        why = known_failures_resolve(&check->known, &check->set);
    if (why == NULL)
        return GROVE_EXIT_HOLDS;
    complain("%s", why);
    return GROVE_EXIT_USAGE;
}

/* Whether the last question had no answer, so that no other is asked. */
static bool has_ended(const struct check *check)
{
    return check->answer.kind == ANSWER_LOST;
}

/* Reads packets and answers, too, if `vector` has none. False: its file has
 * changed. */
static bool load(struct check *check, const struct vector_member *member,
                 struct vector *vector)
{
    struct vector whole;

    if (vector->place == 0)
        return true;
    if (!vector_outline_load(member->path, vector, &check->vector_arena,
                             &whole))
        return false;
    *vector = whole;
    return true;
}

/* Finds a result, unless there was no answer to an earlier one. */
static void find_result(struct check *check, struct result *result,
                        bool is_loaded)
{
    if (has_ended(check)) {
        result->outcome = UNANSWERED;
        result->why = "not asked, since there was no answer before";
    } else if (!is_loaded) {
        result->outcome = FAILED;
        result->why = "its file has changed; check it again";
    } else {
        check_result(check, result);
    }
}

static void check_vector(struct check *check,
                         const struct vector_member *member,
                         struct vector *vector, const struct strings *profiles)
{
    const bool is_loaded = !has_ended(check) && load(check, member, vector);
    struct result *results =
        arena_alloc(&check->vector_arena, profiles->count, sizeof *results);

    for (size_t i = 0; i < profiles->count; i++) {
        results[i] = (struct result){
            .member = member, .vector = vector, .profile = profiles->at[i]};
        find_result(check, &results[i], is_loaded);
    }
    if (!has_ended(check))
        check_known(check, results, profiles->count);
    for (size_t i = 0; i < profiles->count; i++)
        check_report(check, &results[i]);
}

/* Checks the vectors of a file after `number` others; returns how many. */
static size_t check_file(struct check *check,
                         const struct vector_member *member, size_t number)
{
    const bool quiet = !check->options.json && isatty(STDOUT_FILENO);
    size_t count = 0;

    for (size_t i = 0; i < member->file.vector_count; i++) {
        struct vector vector = vector_at(&member->file, i);
        struct strings profiles;

        arena_reset(&check->vector_arena);
        profiles = check_choose(check, &vector);
        if (profiles.count == 0)
            continue;
        if (!quiet && !has_ended(check) && (number + count) % 64 == 0)
            progress("%zu of %zu results", check->report.reported,
                     check->report.count);
        check_vector(check, member, &vector, &profiles);
        count++;
    }
    return count;
}

static void check_results(struct check *check)
{
    struct report *report = &check->report;
    size_t number = 0;

    setlinebuf(stdout); /* the next result may take long */
    if (!check->options.json)
        tap_begin(stdout, report->count);
    for (size_t i = 0; i < check->set.count; i++)
        number += check_file(check, check->set.members[i], number);
    progress_end();
    if (report->level != LEVEL_EXACT && !has_ended(check))
        check_shrink(check);
}

/* Where results wait whose totals are told first. */
static int open_spools(struct check *check)
{
    if (check->options.json)
        check->spool = spool_open();
    if (check->options.json && check->spool == NULL)
        return GROVE_EXIT_USAGE;
    if (check->options.junit != NULL &&
        !junit_open(&check->junit, check->set.count))
        return GROVE_EXIT_USAGE;
    return GROVE_EXIT_HOLDS;
}

static int run_check(struct check *check)
{
    int status = read_vectors(check);

    if (status == GROVE_EXIT_HOLDS)
        status = read_known_failures(check);
    if (status == GROVE_EXIT_HOLDS)
        status = open_implementation(check);
    if (status == GROVE_EXIT_HOLDS)
        status = check_count(check);
    if (status == GROVE_EXIT_HOLDS)
        status = open_spools(check);
    if (status != GROVE_EXIT_HOLDS)
        return status;
    judge_open(&check->judge);
    check_results(check);
    return check_finish(check);
}

int cmd_check(int argc, char **argv)
{
    static const struct argp argp = {
        .options = option_list,
        .parser = parse_option,
        .args_doc = "FILE|FOLDER...",
        .doc = "Checks the reference, an adapter or the kernel of this machine "
               "against vectors. The results go to standard output as TAP "
               "version 14.\v"
               "Exit status: 0 all vectors pass, 1 one fails, 2 wrong usage or "
               "input, or no answer, 70 no memory, 77 nothing could be "
               "checked."};
    struct check check = {.options = {.timeout_ms = ADAPTER_TIMEOUT_MS}};
    int status;

    command_line(&argp, argc, argv, &check.options);
    status = run_check(&check);
    implementation_close(&check.implementation);
    vector_set_free(&check.set);
    known_failures_free(&check.known);
    answer_free(&check.answer);
    row_answer_free(&check.row);
    judge_close(&check.judge);
    check_forget(&check);
    tally_free(&check.report.tally);
    if (check.spool != NULL)
        fclose(check.spool);
    junit_close(&check.junit);
    arena_free(&check.vector_arena);
    arena_free(&check.arena);
    return status;
}
