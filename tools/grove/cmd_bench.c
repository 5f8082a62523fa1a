/* SPDX-License-Identifier: MIT */
/* grove bench: the cost of a packet, compared with the limit and a peer. */
#include "command_line.h"
#include "grove.h"

#include <argp.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "bench_measure.h"
#include "bench_peer.h"
#include "bench_report.h"
#include "common_option.h"
#include "number_option.h"

/* The default number of rounds, which take about five seconds, and the most. */
enum { ROUNDS = 51, MAX_ROUNDS = 100000 };

/* Measurements that are programs of their own, in Python. */
static const struct {
    const char *name;
    const char *program;
} programs[] = {{"tun", "grove-bench-tun"},
                {"tools", "grove-bench-tools"},
                {"--instructions", "grove-bench-instructions"},
                {"--peers", "grove-bench-peers"},
                {"--worst", "grove-bench-worst"}};

#define PROGRAMS (sizeof programs / sizeof programs[0])

struct options {
    struct plan plan;
    bool json;
};

static const struct argp_option option_list[] = {
    {"rounds", 'r', "N", 0, "Measure everything N times (default 51)", 0},
    {"only", 'o', "KIND", 0,
     "Measure this traffic only: TCP, UDP, TCP6, UDP6 or VXLAN", 0},
    {"json", 'j', NULL, 0, "Print JSON", 0},
    {0},
};

static void parse_only(struct plan *plan, const char *word,
                       struct argp_state *state)
{
    bool known = false;

    for (unsigned i = 0; i < TRAFFIC_KINDS; i++) {
        plan->kinds[i] =
            strcasecmp(word, traffic_name((enum traffic_kind)i)) == 0;
        known = known || plan->kinds[i];
    }
    if (!known)
        wrong_usage(state, "--only %s: expected TCP, UDP, TCP6, UDP6 or VXLAN",
                    word);
}

static error_t parse_option(int key, char *word, struct argp_state *state)
{
    struct options *options = state->input;

    switch (key) {
    case 'r':
        options->plan.rounds =
            (unsigned)parse_number("rounds", word, 1, MAX_ROUNDS, state);
        return 0;
    case 'o':
        parse_only(&options->plan, word, state);
        return 0;
    case 'j':
        options->json = true;
        return 0;
    default:
        return options_only(key, word, state);
    }
}

static int run(struct bench *bench, const struct options *options)
{
    struct result result;

    for (unsigned i = 0; i < options->plan.rounds; i++) {
        progress("round %u of %u", i + 1, options->plan.rounds);
        if (!bench_round(bench)) {
            complain("the reference did not coalesce all that it could, "
                     "so nothing is measured; run the tests");
            return GROVE_EXIT_DIFFERS;
        }
    }
    progress_end();
    bench_result(bench, &result);
    if (options->json)
        report_json(&result);
    else
        report_table(&result);
    return GROVE_EXIT_HOLDS;
}

/* Becomes the program; returns if that fails. */
static int run_program(const char *name, const char *program, char **argv)
{
    char path[PATH_MAX];

    if (!peer_program(program, path))
        complain("bench %s: there is no %s beside this program; run it where "
                 "it was built",
                 name, program);
    else if (execv(path, argv) != 0)
        complain("%s: %s; it needs python3", path, strerror(errno));
    return GROVE_EXIT_USAGE;
}

int cmd_bench(int argc, char **argv)
{
    static const struct argp parser = {
        .options = option_list,
        .parser = parse_option,
        .doc =
            "Measures the reference with verified and with trusted "
            "checksums, the checksum alone, and DPDK if it was built. The "
            "exit status does not depend on the goals that are printed.\v"
            "`grove bench tun` measures traffic through `grove tun`, and "
            "`grove bench tools` the commands that read captures. `grove bench "
            "--instructions` counts the instructions of each function, and "
            "`grove bench --worst` those of the worst packets. `grove bench "
            "--peers` measures other programs. See their --help.",
    };
    struct options options = {.plan = {ROUNDS, {true, true, true, true, true}}};
    struct bench *bench;
    int status;

    for (size_t i = 0; i < PROGRAMS && argc > 1; i++)
        if (strcmp(argv[1], programs[i].name) == 0)
            return run_program(programs[i].name, programs[i].program, argv + 1);
    command_line(&parser, argc, argv, &options);
    bench = bench_new(&options.plan);
    if (bench == NULL) {
        complain("bench: out of memory");
        return GROVE_EXIT_USAGE;
    }
    status = run(bench, &options);
    bench_free(bench);
    return status;
}
