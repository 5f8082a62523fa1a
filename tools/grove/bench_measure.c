/* SPDX-License-Identifier: MIT */
/*
 * Measuring. The contestants take turns in short slices. A round has one slice
 * of each contestant on each workload, so that other load of the machine
 * affects all of them equally. CPU time is measured, since a busy machine would
 * interrupt the same contestant in every round. The result is the median of the
 * rounds.
 *
 * Each slice processes the same batch repeatedly. Its 200 KB stay in the
 * second-level cache, for all contestants. So the figures show the cost of the
 * work, not that of reading packets from memory.
 */
#include "bench_measure.h"

#include <sched.h>
#include <stdint.h>
#include <stdlib.h>

#include "bench_peer.h"
#include "bench_sample.h"
#include "grove/table.h"

/* Batches of a slice that are measured, and those before them that are not. */
#define SLICE   400
#define WARM_UP 20

/* A batch for the reference, and its measurements. */
struct workload {
    struct traffic *traffic;
    struct grove_packet packets[TRAFFIC_MOST];
    double *ns[CONTESTANTS]; /* nanoseconds per packet, for each round */
    unsigned outputs[CONTESTANTS];
};

/* Tables for batches of TRAFFIC_BATCH and of TRAFFIC_MOST packets. */
enum { USUAL, LARGE, SIZES };

struct bench {
    struct plan plan;
    unsigned rounds; /* finished rounds */
    /* Verified and trusted; without and with tunnels. */
    struct grove_table *table[SIZES][2][2];
    struct peer peer;
    struct workload workload[WORKLOADS];
    unsigned workloads;
    struct split_bench *split[TRAFFIC_KINDS]; /* NULL: not of the plan */
    struct hosts_bench *hosts;
};

/* Results are stored here, so that the compiler cannot remove the work. */
static volatile uint64_t sink;

const char *contestant_name(enum contestant contestant)
{
    static const char *const names[] = {
        [LIMIT] = "limit",     [FASTEST] = "fastest", [VERIFIED] = "verified",
        [TRUSTED] = "trusted", [DPDK] = "dpdk",
    };

    return names[contestant];
}

/* Computes the checksums of one batch; returns the number of packets. */
static unsigned sum_batch(const struct traffic *traffic, grove_sum_fn *add)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < traffic->packets; i++)
        sum +=
            add(traffic->packet[i] + traffic->l4, traffic->len - traffic->l4);
    sink = sum;
    return traffic->packets;
}

/* Coalesces one batch by the reference and reads every output. */
static unsigned coalesce_batch(struct grove_table *table,
                               const struct workload *workload)
{
    const struct grove_output *outputs;
    uint64_t iovecs = 0;
    size_t count;

    if (grove_coalesce(table, workload->packets, workload->traffic->packets) !=
        GROVE_OK)
        return 0;
    outputs = grove_to_write(table, &count);
    for (size_t i = 0; i < count; i++)
        iovecs += (uint64_t)outputs[i].iovcnt;
    sink = iovecs;
    return grove_clear(table) == GROVE_OK ? (unsigned)count : 0;
}

static struct grove_table *table_for(const struct bench *bench,
                                     const struct traffic *traffic,
                                     enum contestant contestant)
{
    const int size = traffic->packets == TRAFFIC_BATCH ? USUAL : LARGE;

    return bench
        ->table[size][contestant == TRUSTED][traffic->kind == TRAFFIC_VXLAN];
}

static unsigned run_batch(const struct bench *bench,
                          const struct workload *workload,
                          enum contestant contestant)
{
    if (contestant == LIMIT)
        return sum_batch(workload->traffic, bench_limit()->sum);
    if (contestant == FASTEST)
        return sum_batch(workload->traffic, grove_sum_fastest());
    return coalesce_batch(table_for(bench, workload->traffic, contestant),
                          workload);
}

/* Runs one slice in this process; returns nanoseconds per packet. */
static double measure_here(struct bench *bench, struct workload *workload,
                           enum contestant contestant)
{
    const unsigned packets = workload->traffic->packets;
    const unsigned batches = SLICE / (packets / TRAFFIC_BATCH);
    double start;

    for (unsigned i = 0; i < WARM_UP; i++)
        workload->outputs[contestant] = run_batch(bench, workload, contestant);
    start = bench_now();
    for (unsigned i = 0; i < batches; i++)
        run_batch(bench, workload, contestant);
    return (bench_now() - start) / batches / packets;
}

/*
 * Runs one slice of each contestant. DPDK coalesces no UDP; see dpdk.c. Its
 * releases to 22.11 coalesce no TCP over IPv6, and none takes a larger batch.
 */
static void measure_workload(struct bench *bench, struct workload *workload)
{
    for (unsigned i = 0; i < DPDK; i++)
        workload->ns[i][bench->rounds] =
            measure_here(bench, workload, (enum contestant)i);
    if ((workload->traffic->kind == TRAFFIC_TCP ||
         workload->traffic->kind == TRAFFIC_VXLAN) &&
        workload->traffic->packets == TRAFFIC_BATCH)
        peer_measure(&bench->peer, workload->traffic, SLICE,
                     &workload->ns[DPDK][bench->rounds],
                     &workload->outputs[DPDK]);
}

/* True if the reference merged all that can be merged. */
static bool coalesced(const struct workload *workload)
{
    const unsigned fewest = traffic_fewest(workload->traffic);

    return workload->outputs[VERIFIED] == fewest &&
           workload->outputs[TRUSTED] == fewest;
}

bool bench_round(struct bench *bench)
{
    for (unsigned i = 0; i < bench->workloads; i++) {
        measure_workload(bench, &bench->workload[i]);
        if (!coalesced(&bench->workload[i]))
            return false;
    }
    for (unsigned i = 0; i < TRAFFIC_KINDS; i++)
        if (bench->split[i] != NULL)
            split_bench_round(bench->split[i]);
    hosts_bench_round(bench->hosts);
    bench->rounds++;
    return true;
}

/* The ratio; 0 if one of the two was not measured. */
static double ratio(double a, double b)
{
    return b > 0 ? a / b : 0;
}

/* `first` is the row of the same traffic with one flow. */
static void fill_row(struct row *row, const struct row *first,
                     struct workload *workload, unsigned rounds)
{
    row->kind = workload->traffic->kind;
    row->flows = workload->traffic->flows;
    for (unsigned i = 0; i < CONTESTANTS; i++) {
        row->cost[i].ns = bench_median(workload->ns[i], rounds);
        row->cost[i].outputs = workload->outputs[i];
    }
    for (unsigned i = 0; i < CONTESTANTS; i++) {
        struct cost *cost = &row->cost[i];

        cost->of_limit = ratio(row->cost[LIMIT].ns, cost->ns);
        cost->of_dpdk = ratio(row->cost[DPDK].ns, cost->ns);
        cost->of_one_flow = ratio(cost->ns, first->cost[i].ns);
    }
}

void bench_result(struct bench *bench, struct result *result)
{
    const struct row *first = result->row;

    *result = (struct result){
        .rounds = bench->rounds,
        .no_dpdk = bench->peer.why,
        .rows = bench->workloads,
    };
    for (unsigned i = 0; i < bench->workloads; i++) {
        if (bench->workload[i].traffic->flows == 1)
            first = &result->row[i];
        fill_row(&result->row[i], first, &bench->workload[i], bench->rounds);
    }
    for (unsigned i = 0; i < TRAFFIC_KINDS; i++)
        if (bench->split[i] != NULL)
            result->split[result->splits++] =
                split_bench_result(bench->split[i]);
    for (unsigned i = 0; i < HOSTS_ROWS; i++)
        result->hosts[i] = hosts_bench_result(bench->hosts, i);
}

static bool add_workload(struct bench *bench, enum traffic_kind kind,
                         unsigned flows)
{
    struct workload *workload = &bench->workload[bench->workloads];
    struct traffic *traffic = traffic_new(kind, flows);

    if (traffic == NULL)
        return false;
    bench->workloads++;
    workload->traffic = traffic;
    for (unsigned i = 0; i < traffic->packets; i++)
        workload->packets[i] =
            (struct grove_packet){traffic->packet[i], traffic->len, NULL, 0};
    for (unsigned i = 0; i < CONTESTANTS; i++) {
        workload->ns[i] = calloc(bench->plan.rounds, sizeof *workload->ns[i]);
        if (workload->ns[i] == NULL)
            return false;
    }
    return true;
}

/* The workload with one flow comes first, since the others refer to it. */
static bool add_workloads(struct bench *bench)
{
    static const unsigned flows[FLOW_NUMBERS] = {1, 8, 64, 128, 256, 512};

    for (unsigned i = 0; i < WORKLOADS; i++) {
        const enum traffic_kind kind = (enum traffic_kind)(i / FLOW_NUMBERS);

        if (bench->plan.kinds[kind] &&
            !add_workload(bench, kind, flows[i % FLOW_NUMBERS]))
            return false;
    }
    return true;
}

static bool add_splits(struct bench *bench)
{
    for (unsigned i = 0; i < TRAFFIC_KINDS; i++) {
        if (!bench->plan.kinds[i] || i == TRAFFIC_VXLAN)
            continue;
        bench->split[i] =
            split_bench_new((enum traffic_kind)i, bench->plan.rounds);
        if (bench->split[i] == NULL)
            return false;
    }
    return true;
}

static bool make_table(struct grove_table **table, uint32_t most, bool trusted,
                       enum traffic_kind kind)
{
    struct grove_config config = {
        .max_flows = most, .max_packets = most, .csum_trusted = trusted};

    traffic_configure(kind, &config);
    return grove_table_new(&config, table) == GROVE_OK;
}

static bool make_tables(struct bench *bench)
{
    static const uint32_t most[SIZES] = {TRAFFIC_BATCH, TRAFFIC_MOST};

    for (unsigned i = 0; i < SIZES; i++)
        for (unsigned trusted = 0; trusted < 2; trusted++) {
            struct grove_table **tables = bench->table[i][trusted];

            if (!make_table(&tables[0], most[i], trusted, TRAFFIC_TCP) ||
                !make_table(&tables[1], most[i], trusted, TRAFFIC_VXLAN))
                return false;
        }
    return true;
}

/* The peer's program, which is started later, inherits this. */
static void stay_on_cpu(void)
{
    const int cpu = sched_getcpu();
    cpu_set_t set;

    if (cpu < 0 || cpu >= CPU_SETSIZE)
        return;
    CPU_ZERO(&set);
    CPU_SET((unsigned)cpu, &set);
    sched_setaffinity(0, sizeof set, &set);
}

struct bench *bench_new(const struct plan *plan)
{
    struct bench *bench = calloc(1, sizeof *bench);

    if (bench == NULL)
        return NULL;
    bench->plan = *plan;
    bench->hosts = hosts_bench_new(plan->rounds);
    if (bench->hosts == NULL || !make_tables(bench) || !add_workloads(bench) ||
        !add_splits(bench)) {
        bench_free(bench);
        return NULL;
    }
    stay_on_cpu();
    peer_start(&bench->peer);
    return bench;
}

void bench_free(struct bench *bench)
{
    if (bench == NULL)
        return;
    peer_stop(&bench->peer);
    for (unsigned i = 0; i < bench->workloads; i++) {
        free(bench->workload[i].traffic);
        for (unsigned j = 0; j < CONTESTANTS; j++)
            free(bench->workload[i].ns[j]);
    }
    for (unsigned i = 0; i < TRAFFIC_KINDS; i++)
        split_bench_free(bench->split[i]);
    hosts_bench_free(bench->hosts);
    for (unsigned i = 0; i < SIZES; i++)
        for (unsigned trusted = 0; trusted < 2; trusted++) {
            grove_table_free(bench->table[i][trusted][false]);
            grove_table_free(bench->table[i][trusted][true]);
        }
    free(bench);
}
