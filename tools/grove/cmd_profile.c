/* SPDX-License-Identifier: MIT */
/* grove profile: finds the profile of the kernel, or of an adapter. */
#include <argp.h>
#include <stdio.h>
#include <string.h>

#include "adapter.h"
#include "adapter_option.h"
#include "command_line.h"
#include "common_option.h"
#include "grove.h"
#include "kernel_option.h"
#include "measure.h"
#include "print_json.h"
#include "profile_option.h"
#include "releases.h"

struct options {
    const char *command; /* of --exec, or NULL: the kernel */
    const char *profile; /* that the adapter is asked about, or NULL */
    bool json;
    int timeout_ms;
};

static error_t parse_option(int key, char *text, struct argp_state *state)
{
    struct options *options = state->input;

    switch (key) {
    case 'e':
        options->command = text;
        return 0;
    case 'p':
        options->profile = parse_profile(text, state);
        return 0;
    case 'j':
        options->json = true;
        return 0;
    case 'T':
        options->timeout_ms = parse_timeout(text, state);
        return 0;
    case ARGP_KEY_END:
        if (options->profile != NULL && options->command == NULL)
            wrong_usage(state, "--profile: it is for --exec; the kernel is "
                               "asked without a name");
        return 0;
    default:
        return options_only(key, text, state);
    }
}

/* Opens and measures it. Returns an exit code. */
static int find(const struct options *options, struct implementation *asked,
                struct measured *measured)
{
    const char *profile = options->profile;
    int status;

    if (options->command == NULL)
        return open_measured_kernel(asked, measured);
    status = open_adapter_profile(asked, options->command, options->timeout_ms,
                                  &profile);
    if (status != GROVE_EXIT_HOLDS || measure(measured, asked, profile))
        return status;
    complain("%s", measured->failure);
    return GROVE_EXIT_USAGE;
}

/* ---- for people ---- */

static void print_value(const struct grove_column *column, uint16_t value)
{
    if (column->is_flag)
        printf("  %-20s %-4s", column->name, value != 0 ? "yes" : "no");
    else
        printf("  %-20s %-4u", column->name, (unsigned)value);
}

/* The vector that decided the column, or why none did. */
static void print_found(const struct measured *measured, size_t index)
{
    const struct measured_column *found = &measured->columns[index];

    if (found->vector != NULL)
        printf("  %s\n", found->vector);
    else
        printf("  not shown: %s; the value is that of %.*s\n",
               found->reason != NULL ? found->reason
                                     : "no packet depends on it here",
               (int)strcspn(measured->name, ":"), measured->name);
}

/* Each line of the differences, indented. */
static void print_misfit(const struct misfit *misfit)
{
    printf("%s: no profile gives this answer. The nearest one differs:\n",
           misfit->vector);
    for (const char *line = misfit->why; *line != '\0';) {
        const size_t len = strcspn(line, "\n");

        printf("    %.*s\n", (int)len, line);
        line += len + (line[len] == '\n');
    }
}

/* The releases that were asked everything, and have this profile. */
static void print_releases(const char *profile)
{
    const struct known_release *one;
    size_t at = 0;

    fputs("tested kernels with this profile:", stdout);
    while ((one = known_release(profile, &at)) != NULL)
        printf(" %s", one->name);
    puts(at == 0 ? " none" : "");
}

/*
 * The release in the name of a kernel, which is linux-6.12.43, or linux 6.12.43
 * if an adapter is asked. "" if it is another implementation.
 */
static const char *release_of(const char *name)
{
    static const char linux_name[] = "linux";
    const char *end = name + strlen(linux_name);

    if (strncmp(name, linux_name, strlen(linux_name)) != 0 ||
        (*end != '-' && *end != ' '))
        return "";
    return end + 1;
}

/* What this kernel is known to do wrong. */
static void print_defects(const char *name)
{
    const char *release = release_of(name);
    const struct known_defect *defect;
    size_t at = 0;

    while ((defect = known_defect(release, &at)) != NULL)
        printf("known defect %s: Linux %s %s\n", defect->id, release,
               defect->words);
}

static void print_text(const char *name, const struct measured *measured)
{
    const struct grove_column *column;

    printf("%s: %s%s%s\n", name, colour(stdout, COLOUR_BOLD), measured->name,
           colour(stdout, COLOUR_NONE));
    for (size_t i = 0; (column = grove_column(i)) != NULL; i++) {
        print_value(column, measured->profile.values[i]);
        print_found(measured, i);
    }
    for (size_t i = 0; i < measured->misfit_count; i++)
        print_misfit(&measured->misfits[i]);
    print_releases(measured->name);
    print_defects(name);
}

/* ---- for programs ---- */

static json_t *text_or_null(const char *text)
{
    return text != NULL ? json_text(text) : json_null();
}

static json_t *json_columns(const struct measured *measured)
{
    json_t *columns = json_array();
    const struct grove_column *column;

    for (size_t i = 0; (column = grove_column(i)) != NULL; i++) {
        const struct measured_column *found = &measured->columns[i];
        const uint16_t value = measured->profile.values[i];

        json_array_append_new(
            columns,
            json_pack(
                "{s:s, s:o, s:o, s:o}", "name", column->name, "value",
                column->is_flag ? json_boolean(value) : json_integer(value),
                "vector", text_or_null(found->vector), "reason",
                text_or_null(found->vector == NULL ? found->reason : NULL)));
    }
    return columns;
}

static json_t *json_misfits(const struct measured *measured)
{
    json_t *misfits = json_array();

    for (size_t i = 0; i < measured->misfit_count; i++)
        json_array_append_new(misfits,
                              json_pack("{s:s, s:o}", "vector",
                                        measured->misfits[i].vector, "why",
                                        json_text(measured->misfits[i].why)));
    return misfits;
}

static json_t *json_releases(const char *profile)
{
    json_t *releases = json_array();
    const struct known_release *one;
    size_t at = 0;

    while ((one = known_release(profile, &at)) != NULL)
        json_array_append_new(releases, json_text(one->name));
    return releases;
}

static json_t *json_defects(const char *name)
{
    json_t *defects = json_array();
    const struct known_defect *defect;
    size_t at = 0;

    while ((defect = known_defect(release_of(name), &at)) != NULL)
        json_array_append_new(
            defects, json_pack("{s:s, s:s, s:s}", "id", defect->id, "vector",
                               defect->vector, "words", defect->words));
    return defects;
}

static void print_json(const char *name, const struct measured *measured)
{
    print_json_line(json_pack(
        "{s:o, s:s, s:o, s:o, s:o, s:o}", "implementation", json_text(name),
        "profile", measured->name, "columns", json_columns(measured), "misfits",
        json_misfits(measured), "tested", json_releases(measured->name),
        "defects", json_defects(name)));
}

int cmd_profile(int argc, char **argv)
{
    static const struct argp_option list[] = {
        {"exec", 'e', "CMD", 0, "Ask the adapter that this shell command runs",
         0},
        {"profile", 'p', "NAME", 0,
         "With --exec: the profile that the adapter is asked about, if it has "
         "several",
         0},
        TIMEOUT_OPTION,
        {"json", 'j', NULL, 0, "Print one JSON object", 0},
        {0}};
    static const struct argp argp = {
        .options = list,
        .parser = parse_option,
        .doc = "Finds the profile of the running kernel by its answers to a "
               "few vectors. Prints the name of the profile, and for each "
               "column the value and the vector that decided it.\v"
               "Exit status: 0 the answers are those of a profile, 1 an answer "
               "is that of no profile, 2 wrong usage, 77 the kernel cannot be "
               "asked."};
    struct options options = {.timeout_ms = ADAPTER_TIMEOUT_MS};
    struct implementation asked = {0};
    struct measured measured = {0};
    int status;

    command_line(&argp, argc, argv, &options);
    status = find(&options, &asked, &measured);
    if (status == GROVE_EXIT_HOLDS) {
        (options.json ? print_json : print_text)(asked.name, &measured);
        if (measured.misfit_count != 0)
            status = GROVE_EXIT_DIFFERS;
    }
    implementation_close(&asked);
    measured_free(&measured);
    return status;
}
