/* SPDX-License-Identifier: MIT */
/* Ratios, goals, the table and the JSON of `grove bench`. */
#include "bench_report.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "bench_sample.h"
#include "grove.h"

/* A bound for a ratio. */
struct goal {
    const char *words;
    enum contestant contestant;
    unsigned kinds; /* a bit for each kind of traffic */
    unsigned flows; /* 0: any number */
    double bound;
    bool at_most; /* true: an upper bound; false: a lower bound */
    double (*ratio)(const struct cost *cost);
    double (*whole)(const struct result *result); /* instead of `ratio` */
};

static double of_limit(const struct cost *cost)
{
    return cost->of_limit;
}

static const char *fastest_name(void)
{
    size_t count;
    const struct grove_sum *ways = grove_sums(&count);

    return ways[count - 1].name;
}

/* 0, which is not measured, where the sums are others. */
static double of_avx512_limit(const struct cost *cost)
{
    return strcmp(fastest_name(), "avx512") == 0 ? cost->of_limit : 0;
}

static double of_dpdk(const struct cost *cost)
{
    return cost->of_dpdk;
}

static double of_split_limit(const struct split_row *row)
{
    return row->ns[SPLIT_LIMIT] / row->ns[SPLIT_COPY];
}

static double worst_split(const struct result *result)
{
    double worst = 0;

    for (unsigned i = 0; i < result->splits; i++)
        if (worst == 0 || of_split_limit(&result->split[i]) < worst)
            worst = of_split_limit(&result->split[i]);
    return worst;
}

static double of_random_flows(const struct hosts_row *row)
{
    return row->ns_source / row->ns_random;
}

static double worst_hosts(const struct result *result)
{
    double worst = 0;

    for (unsigned i = 0; i < HOSTS_ROWS; i++)
        if (of_random_flows(&result->hosts[i]) > worst)
            worst = of_random_flows(&result->hosts[i]);
    return worst;
}

/* Kinds of traffic. */
enum {
    IP4 = 1 << TRAFFIC_TCP | 1 << TRAFFIC_UDP,
    IP4_TCP6 = IP4 | 1 << TRAFFIC_TCP6,
    ALL = IP4_TCP6 | 1 << TRAFFIC_UDP6,
    VXLAN = 1 << TRAFFIC_VXLAN
};

static const struct goal goals[] = {
    {"verified over the limit, 1 flow", VERIFIED, IP4_TCP6, 1, 0.55, false,
     of_limit, NULL},
    {"verified over the limit, 1 flow, AVX-512", VERIFIED, IP4_TCP6, 1, 0.65,
     false, of_avx512_limit, NULL},
    {"verified over the limit, 8 flows, IPv4", VERIFIED, IP4, 8, 0.5, false,
     of_limit, NULL},
    {"verified over the limit, 64 flows, IPv4", VERIFIED, IP4, 64, 0.4, false,
     of_limit, NULL},
    {"trusted over the limit, 128 flows", TRUSTED, ALL, 128, 0.69, false,
     of_limit, NULL},
    {"trusted over DPDK, 1 flow", TRUSTED, ALL, 1, 2.5, false, of_dpdk, NULL},
    {"trusted over DPDK, 64 flows", TRUSTED, ALL, 64, 5.0, false, of_dpdk,
     NULL},
    {"VXLAN: trusted over DPDK, 1 flow", TRUSTED, VXLAN, 1, 1.0, false, of_dpdk,
     NULL},
    {"VXLAN: trusted over DPDK, 64 flows", TRUSTED, VXLAN, 64, 1.0, false,
     of_dpdk, NULL},
    {"one source to many hosts, ns over random flows", CONTESTANTS, ALL, 0, 1.3,
     true, NULL, worst_hosts},
    {"split, segments/s over sum then memcpy", CONTESTANTS, ALL, 0, 0.9, false,
     NULL, worst_split},
};

#define GOALS (sizeof goals / sizeof goals[0])

/* The worst ratio, which decides about the goal. 0: there is none. */
static double worst(const struct goal *goal, const struct result *result)
{
    double worst = 0;

    if (goal->whole != NULL)
        return goal->whole(result);
    for (unsigned i = 0; i < result->rows; i++) {
        const struct row *row = &result->row[i];
        const double ratio = goal->ratio(&row->cost[goal->contestant]);
        const bool counts = (goal->kinds >> row->kind & 1) != 0 &&
                            (goal->flows == 0 || goal->flows == row->flows);

        if (counts && ratio > 0 &&
            (worst == 0 || (goal->at_most ? ratio > worst : ratio < worst)))
            worst = ratio;
    }
    return worst;
}

static bool reached(const struct goal *goal, double ratio)
{
    return goal->at_most ? ratio <= goal->bound : ratio >= goal->bound;
}

static const char *title(enum traffic_kind kind)
{
    static const char *const titles[] = {
        [TRAFFIC_TCP] = "TCP 1448",     [TRAFFIC_UDP] = "UDP 1200",
        [TRAFFIC_TCP6] = "TCP6 1448",   [TRAFFIC_UDP6] = "UDP6 1200",
        [TRAFFIC_VXLAN] = "VXLAN 1398",
    };

    return titles[kind];
}

/* Prints the number, or "-" if it is 0. */
static void print_number(int width, int digits, double number)
{
    if (number > 0)
        printf("%*.*f", width, digits, number);
    else
        printf("%*s", width, "-");
}

static void print_row(const struct row *row)
{
    const struct cost *cost = row->cost;

    printf("%-10s %5u", title(row->kind), row->flows);
    print_number(8, 1, cost[LIMIT].ns);
    print_number(8, 1, 1e3 / cost[LIMIT].ns);
    print_number(10, 1, cost[FASTEST].ns);
    for (unsigned i = VERIFIED; i <= TRUSTED; i++) {
        print_number(9, 1, cost[i].ns);
        print_number(8, 1, 1e3 / cost[i].ns);
        print_number(6, 2, i == VERIFIED ? cost[i].of_limit : cost[i].of_dpdk);
        print_number(6, 2, cost[i].of_one_flow);
    }
    print_number(9, 1, cost[DPDK].ns);
    putchar('\n');
}

static void print_goal(const struct goal *goal, const struct result *result)
{
    const double ratio = worst(goal, result);
    const char *verdict = reached(goal, ratio) ? "reached" : "missed";
    enum colour mark = reached(goal, ratio) ? COLOUR_GREEN : COLOUR_RED;

    if (!(ratio > 0)) {
        verdict = "not measured";
        mark = COLOUR_NONE;
    }
    printf("  %-46s %s %.2f ", goal->words,
           goal->at_most ? "<=" : ">=", goal->bound);
    print_number(7, 2, ratio);
    printf("  %s%s%s\n", colour(stdout, mark), verdict,
           colour(stdout, COLOUR_NONE));
}

/* Prints a line in bold. */
static void print_title(const char *text)
{
    printf("%s%s%s\n", colour(stdout, COLOUR_BOLD), text,
           colour(stdout, COLOUR_NONE));
}

static void print_splits(const struct result *result)
{
    puts("\nSuper-packets that are split into buffers: ns a segment.\n");
    print_title("payload   segments memcpy  sum, memcpy  grove_split_copy  "
                "limit");
    for (unsigned i = 0; i < result->splits; i++) {
        const struct split_row *row = &result->split[i];

        printf("%-9s %8u%8.1f%13.1f%18.1f%7.2f\n", title(row->kind),
               row->segments, row->ns[SPLIT_MEMCPY], row->ns[SPLIT_LIMIT],
               row->ns[SPLIT_COPY], of_split_limit(row));
    }
}

static void print_hosts(const struct result *result)
{
    puts("\nOne source to many hosts, against random flows: a packet each, "
         "trusted, ns.\n");
    print_title("  hosts  one source  random  ratio");
    for (unsigned i = 0; i < HOSTS_ROWS; i++) {
        const struct hosts_row *row = &result->hosts[i];

        printf("%7u%12.1f%8.1f%7.2f\n", row->hosts, row->ns_source,
               row->ns_random, of_random_flows(row));
    }
}

void report_table(const struct result *result)
{
    printf(
        "Batches of %d packets, or as many as flows, the flows in turn; one "
        "batch again\nand again, so from the second-level cache. Medians of %u "
        "rounds. Checksum by %s.\n\n",
        TRAFFIC_BATCH, result->rounds, fastest_name());
    print_title("                          limit                     verified"
                "                      trusted     DPDK");
    printf("%-10s %5s%8s%8s%9s%8s%6s%6s%9s%8s%6s%6s%9s\n", "payload", "flows",
           "ns", "Mp/s", "ns", "Mp/s", "limit", "1flow", "ns", "Mp/s", "DPDK",
           "1flow", "ns");
    for (unsigned i = 0; i < result->rows; i++)
        print_row(&result->row[i]);
    if (result->no_dpdk != NULL)
        printf("\nDPDK: %s\n", result->no_dpdk);
    else
        puts("\nDPDK: it merges no UDP datagrams (it puts IP fragments "
             "together), "
             "takes no larger\nbatch, and its releases to 22.11 merge no TCP "
             "over IPv6; what undoes its changes\nis not in its time.");
    print_splits(result);
    print_hosts(result);
    putchar('\n');
    print_title("Goals");
    for (size_t i = 0; i < GOALS; i++)
        print_goal(&goals[i], result);
}

/* A measured ratio or time; null if it was not measured. */
static json_t *json_measure(double number)
{
    return number > 0 ? json_real(number) : json_null();
}

static json_t *json_cost(const struct row *row, enum contestant contestant)
{
    const struct cost *cost = &row->cost[contestant];

    return json_pack("{s:s, s:i, s:s, s:o, s:o, s:o, s:o, s:i}", "traffic",
                     traffic_name(row->kind), "flows", (int)row->flows,
                     "contestant", contestant_name(contestant), "ns_per_packet",
                     json_measure(cost->ns), "of_limit",
                     json_measure(cost->of_limit), "of_dpdk",
                     json_measure(cost->of_dpdk), "of_one_flow",
                     json_measure(cost->of_one_flow), "outputs_per_batch",
                     (int)cost->outputs);
}

static json_t *json_costs(const struct result *result)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < result->rows; i++)
        for (unsigned j = 0; j < CONTESTANTS; j++)
            if (result->row[i].cost[j].ns > 0)
                json_array_append_new(
                    list, json_cost(&result->row[i], (enum contestant)j));
    return list;
}

static json_t *json_splits(const struct result *result)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < result->splits; i++)
        for (unsigned j = 0; j < SPLITTERS; j++) {
            const struct split_row *row = &result->split[i];

            json_array_append_new(list,
                                  json_pack("{s:s, s:i, s:s, s:f}", "traffic",
                                            traffic_name(row->kind), "segments",
                                            (int)row->segments, "contestant",
                                            splitter_name((enum splitter)j),
                                            "ns_per_segment", row->ns[j]));
        }
    return list;
}

static json_t *json_hosts(const struct result *result)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < HOSTS_ROWS; i++) {
        const struct hosts_row *row = &result->hosts[i];

        json_array_append_new(list, json_pack("{s:i, s:f, s:f}", "hosts",
                                              (int)row->hosts, "ns_one_source",
                                              row->ns_source, "ns_random_flows",
                                              row->ns_random));
    }
    return list;
}

static json_t *json_goals(const struct result *result)
{
    json_t *list = json_array();

    for (size_t i = 0; i < GOALS; i++) {
        const double ratio = worst(&goals[i], result);

        json_array_append_new(
            list, json_pack("{s:s, s:s, s:f, s:o, s:o}", "goal", goals[i].words,
                            "bound", goals[i].at_most ? "at most" : "at least",
                            "value", goals[i].bound, "ratio",
                            json_measure(ratio), "reached",
                            ratio > 0 ? json_boolean(reached(&goals[i], ratio))
                                      : json_null()));
    }
    return list;
}

void report_json(const struct result *result)
{
    char machine[MACHINE_LEN];
    json_t *report;

    bench_machine(machine);
    report = json_pack(
        "{s:s, s:s, s:s, s:s, s:i, s:i, s:s?, s:o, s:o, s:o, s:o}", "machine",
        machine, "compiler", COMPILER, "checksum", fastest_name(), "limit",
        bench_limit()->name, "batch", TRAFFIC_BATCH, "rounds",
        (int)result->rounds, "no_dpdk", result->no_dpdk, "costs",
        json_costs(result), "splits", json_splits(result), "hosts",
        json_hosts(result), "goals", json_goals(result));

    json_dumpf(report, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(4));
    putchar('\n');
    json_decref(report);
}
