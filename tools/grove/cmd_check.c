/* SPDX-License-Identifier: MIT */
/* grove check: checks an implementation against vectors. */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "adapter.h"
#include "adapter_option.h"
#include "command_line.h"
#include "common_option.h"
#include "grove.h"
#include "junit.h"
#include "kernel_option.h"
#include "known.h"
#include "no_answer.h"
#include "node.h"
#include "profile_option.h"
#include "report.h"
#include "row_answer.h"
#include "vector_set.h"

struct options {
    const char *command; /* of --exec, or NULL */
    bool kernel;
    const char *profile; /* NULL: all that the implementation has */
    const char *tag;     /* NULL: all vectors */
    bool has_op;         /* false: all ops */
    enum run_op op;
    const char *known_failures;
    const char *junit;
    bool json;
    int timeout_ms;
    char **paths; /* NULL-terminated */
};

struct check {
    struct options options;
    struct implementation implementation;
    struct strings profiles; /* to check; empty: all profiles of a vector */
    struct vector_set set;
    struct known_failures known;
    struct report report;
    struct answer answer;
    struct row_answer row;
    const struct vector *outline; /* that of `loaded`, or NULL */
    struct vector loaded;
    struct arena loaded_arena;
    struct arena arena; /* holds the results */
};

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
    TIMEOUT_OPTION,
    {"junit", 'J', "FILE", 0, "Also write the results to FILE as JUnit XML", 0},
    {"json", 'j', NULL, 0, "Write one JSON object instead of TAP", 0},
    {0}};

static void check_options(const struct options *options,
                          struct argp_state *state)
{
    if (options->paths == NULL)
        wrong_usage(state, "no vectors; name a file or a folder");
    if (options->kernel && options->command != NULL)
        refuse_both("exec", "kernel", state);
}

static error_t parse_option(int key, char *value, struct argp_state *state)
{
    struct options *options = state->input;

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

static int open_implementation(struct check *check)
{
    const struct options *options = &check->options;
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
    if (options->kernel)
        say_kernel(implementation, check->report.profile);
    if (check->report.profile != NULL)
        take_profile(check, check->report.profile);
    else if (options->command != NULL)
        check->profiles = adapter_said(implementation)->profiles;
    return GROVE_EXIT_HOLDS;
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

static bool is_chosen(const struct options *options,
                      const struct vector *vector)
{
    if (options->tag != NULL && !contains(&vector->flags, options->tag))
        return false;
    return !options->has_op || options->op == vector->run.op;
}

/* Appends a result, or only counts it if no memory was allocated yet. */
static void add_result(struct report *report, struct result result)
{
    if (report->results != NULL)
        report->results[report->count] = result;
    report->count++;
}

/*
 * The profiles of the vector, and those that are a base and columns, of which
 * no vector has an answer.
 */
static void choose_profiles(struct check *check, struct result result)
{
    const struct vector *vector = result.vector;

    for (size_t i = 0; i < vector->expects; i++) {
        result.profile = vector->expect[i].profile;
        result.expected = &vector->expect[i].answer;
        if (check->profiles.at == NULL ||
            contains(&check->profiles, result.profile))
            add_result(&check->report, result);
    }
    result.expected = NULL;
    for (size_t i = 0; check->profiles.at != NULL && i < check->profiles.count;
         i++) {
        result.profile = check->profiles.at[i];
        if (strchr(result.profile, ':') != NULL &&
            find_profile(result.profile) != NULL &&
            vector_expected(vector, result.profile) == NULL)
            add_result(&check->report, result);
    }
}

static void choose_of_file(struct check *check,
                           const struct vector_member *member)
{
    for (size_t i = 0; i < member->file.vector_count; i++) {
        const struct vector *vector = &member->file.vectors[i];

        if (is_chosen(&check->options, vector))
            choose_profiles(
                check, (struct result){.member = member, .vector = vector});
    }
}

static void choose(struct check *check)
{
    check->report.count = 0;
    for (size_t i = 0; i < check->set.count; i++)
        choose_of_file(check, check->set.members[i]);
}

static int choose_results(struct check *check)
{
    struct report *report = &check->report;

    report->implementation = check->implementation.name;
    choose(check);
    report->results =
        arena_alloc(&check->arena, report->count + 1, sizeof *report->results);
    choose(check);
    if (report->count > 0)
        return GROVE_EXIT_HOLDS;
    complain("%s: no vector to check here; see --profile, --tag and --op",
             check->options.paths[0]);
    return GROVE_EXIT_USAGE;
}

/* A printable copy for the reports, since an adapter may send any bytes. */
static const char *keep_line(struct check *check, const char *line)
{
    char *copy = arena_printf(&check->arena, "%s", line);

    make_printable(copy);
    return copy;
}

/* The same for each line of a text. */
static const char *keep_lines(struct check *check, const char *lines)
{
    char *copy = arena_printf(&check->arena, "%s", lines);

    for (char *line = copy; line != NULL;) {
        char *end = strchr(line, '\n');

        if (end != NULL)
            *end = '\0';
        make_printable(line);
        if (end != NULL)
            *end++ = '\n';
        line = end;
    }
    return copy;
}

/* `vector` has its packets and answers, unlike that of the result. */
static bool agrees(struct check *check, const struct result *result,
                   const struct vector *vector, struct arena *arena,
                   const char **why)
{
    if (result->expected != NULL)
        return answers_agree(vector_expected(vector, result->profile),
                             &check->answer, arena, why);
    return row_answer_agrees(&check->row, vector, result->profile,
                             &check->answer, arena, why);
}

static void judge(struct check *check, struct result *result,
                  const struct vector *vector)
{
    const struct answer *answer = &check->answer;
    struct arena arena = {0};
    const char *why = NULL;

    if (answer->kind == ANSWER_SKIPPED) {
        result->outcome = SKIPPED;
        result->why = keep_line(check, answer->reason);
        if (answer->issue != NULL)
            result->issue = keep_line(check, answer->issue);
    } else if (answer->kind == ANSWER_LOST) {
        result->outcome = UNANSWERED;
        result->why = keep_line(check, answer->reason);
    } else if (answer->kind == ANSWER_DEAD || answer->kind == ANSWER_ERROR) {
        result->outcome = FAILED;
        result->why = keep_line(check, answer->reason);
    } else if (agrees(check, result, vector, &arena, &why)) {
        result->outcome = PASSED;
    } else {
        result->outcome = FAILED;
        result->why = keep_lines(check, why);
    }
    arena_free(&arena);
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* The vector with its packets and answers. NULL: its file has changed. */
static const struct vector *load(struct check *check,
                                 const struct result *result)
{
    if (result->vector->place == 0)
        return result->vector;
    if (check->outline == result->vector)
        return &check->loaded;
    arena_reset(&check->loaded_arena);
    check->outline = NULL;
    if (!vector_outline_load(result->member->path, result->vector,
                             &check->loaded_arena, &check->loaded))
        return NULL;
    check->outline = result->vector;
    return &check->loaded;
}

static void check_result(struct check *check, struct result *result)
{
    struct implementation *implementation = &check->implementation;
    const struct vector *vector = load(check, result);
    const double begin = now();
    struct run run;

    if (vector == NULL) {
        result->outcome = FAILED;
        result->why = "its file has changed; check it again";
        return;
    }
    run = vector->run;
    run.profile = result->profile;
    implementation->ask(implementation->self, &run, &check->answer);
    result->seconds = now() - begin;
    judge(check, result, vector);
}

/* Whether the last question had no answer, so that no other is asked. */
static bool has_ended(const struct check *check)
{
    return check->answer.kind == ANSWER_LOST;
}

/* A vector that is listed as a known failure must fail under some profile. */
static void apply_known(struct check *check, struct result *results,
                        size_t count)
{
    const struct known_failure *known =
        known_failure(&check->known, results[0].vector->id);
    bool fails = false;

    if (known == NULL)
        return;
    for (size_t i = 0; i < count; i++)
        fails |= results[i].outcome == FAILED;
    for (size_t i = 0; i < count; i++) {
        if (results[i].outcome == FAILED) {
            results[i].outcome = KNOWN;
        } else if (results[i].outcome == PASSED && !fails) {
            results[i].outcome = FAILED;
            results[i].why = arena_printf(
                &check->arena, "it passes; remove it from %s, line %zu",
                check->known.path, known->line);
        }
    }
}

/* Checks the vector of results[first] under its profiles; returns how many. */
static size_t check_vector(struct check *check, size_t first)
{
    struct report *report = &check->report;
    struct result *results = &report->results[first];
    size_t count = 0;

    while (first + count < report->count && !has_ended(check) &&
           results[count].vector == results[0].vector)
        check_result(check, &results[count++]);
    if (!has_ended(check))
        apply_known(check, results, count);
    for (size_t i = 0; i < count; i++) {
        report->counts[results[i].outcome]++;
        if (!check->options.json)
            tap_result(stdout, first + i + 1, &results[i]);
    }
    return count;
}

static void leave_out(struct report *report, size_t first)
{
    for (size_t i = first; i < report->count; i++) {
        report->results[i].outcome = UNANSWERED;
        report->results[i].why = "not asked, since there was no answer before";
        report->counts[UNANSWERED]++;
    }
}

static void check_results(struct check *check)
{
    struct report *report = &check->report;
    bool quiet = !check->options.json && isatty(STDOUT_FILENO);
    size_t number = 0;
    size_t i = 0;

    setlinebuf(stdout); /* the next result may take long */
    if (!check->options.json)
        tap_begin(stdout, report->count);
    for (; i < report->count && !has_ended(check); number++) {
        if (!quiet && number % 64 == 0)
            progress("%zu of %zu results", i, report->count);
        i += check_vector(check, i);
    }
    progress_end();
    leave_out(report, i);
    if (check->options.json)
        json_report(stdout, report);
}

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

static int finish(struct check *check)
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

static int run_check(struct check *check)
{
    int status = read_vectors(check);

    if (status == GROVE_EXIT_HOLDS)
        status = read_known_failures(check);
    if (status == GROVE_EXIT_HOLDS)
        status = open_implementation(check);
    if (status == GROVE_EXIT_HOLDS)
        status = choose_results(check);
    if (status != GROVE_EXIT_HOLDS)
        return status;
    check_results(check);
    return finish(check);
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
               "input, or no answer, 77 nothing could be checked."};
    struct check check = {.options = {.timeout_ms = ADAPTER_TIMEOUT_MS}};
    int status;

    command_line(&argp, argc, argv, &check.options);
    status = run_check(&check);
    implementation_close(&check.implementation);
    vector_set_free(&check.set);
    known_failures_free(&check.known);
    answer_free(&check.answer);
    row_answer_free(&check.row);
    arena_free(&check.loaded_arena);
    arena_free(&check.arena);
    return status;
}
