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

#define TUN_PROGRAM "grove-bench-tun"

struct options {
    struct plan plan;
    bool json;
};

static const struct argp_option option_list[] = {
    {"rounds", 'r', "N", 0, "Measure everything N times (default 51)", 0},
    {"only", 'o', "TCP|UDP", 0, "Measure this traffic only", 0},
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
        wrong_usage(state, "--only %s: expected TCP or UDP", word);
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

/* `grove bench tun` is a separate program, which runs iperf3 and perf. */
static int bench_tun(char **argv)
{
    char path[PATH_MAX];

    if (!peer_program(TUN_PROGRAM, path))
        complain("bench tun: there is no " TUN_PROGRAM " beside this program; "
                 "run it where it was built");
    else if (execv(path, argv) != 0)
        complain("%s: %s; it needs python3", path, strerror(errno));
    return GROVE_EXIT_USAGE;
}

int cmd_bench(int argc, char **argv)
{
    static const struct argp parser = {
        .options = option_list,
        .parser = parse_option,
        .doc = "Measures the reference with verified and with trusted "
               "checksums, the checksum alone, and DPDK if it was built. The "
               "exit status does not depend on the goals that are printed.\v"
               "`grove bench tun` measures traffic through `grove tun`; see "
               "`grove bench tun --help`.",
    };
    struct options options = {.plan = {ROUNDS, {true, true}}};
    struct bench *bench;
    int status;

    if (argc > 1 && strcmp(argv[1], "tun") == 0)
        return bench_tun(argv + 1);
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
