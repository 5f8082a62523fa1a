/* SPDX-License-Identifier: MIT */
/* `grove doctor`: what of grove works on this machine, and what helps. */
#include <argp.h>

#include "command_line.h"
#include "common_option.h"
#include "doctor.h"
#include "grove.h"

struct options {
    bool json;
    const char *device; /* of --mend, or NULL */
};

static error_t parse_option(int key, char *text, struct argp_state *state)
{
    struct options *options = state->input;

    switch (key) {
    case 'j':
        options->json = true;
        return 0;
    case 'm':
        options->device = text;
        return 0;
    case ARGP_KEY_END:
        if (options->json && options->device != NULL)
            refuse_both("json", "mend", state);
        return 0;
    default:
        return options_only(key, text, state);
    }
}

int cmd_doctor(int argc, char **argv)
{
    static const struct argp_option list[] = {
        {"json", 'j', NULL, 0, "Write one JSON object", 0},
        {"mend", 'm', "DEVICE", 0,
         "Switch off the offloads that a killed program left on this TUN "
         "device, and do nothing else",
         0},
        {0}};
    static const struct argp argp = {
        .options = list,
        .parser = parse_option,
        .doc = "Says what of grove works on this machine, and what helps where "
               "something does not.\v"
               "Exit status: 0 all works, 1 something does not, 2 wrong usage. "
               "It changes nothing without --mend."};
    struct options options = {.json = false};
    struct doctor doctor;

    command_line(&argp, argc, argv, &options);
    if (options.device != NULL)
        return doctor_mend(options.device);
    doctor_examine(&doctor);
    if (options.json)
        doctor_print_json(&doctor);
    else
        doctor_print(&doctor);
    return doctor_is_content(&doctor) ? GROVE_EXIT_HOLDS : GROVE_EXIT_DIFFERS;
}
