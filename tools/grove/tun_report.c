/* SPDX-License-Identifier: MIT */
/* What `grove tun` prints: that it is up, and what it did. */
#include "tun_report.h"

#include <inttypes.h>
#include <string.h>

#include "print_json.h"

struct bit {
    uint32_t mask;
    const char *name;
};

static const struct bit offload_bits[] = {
    {GROVE_TUN_CSUM, "csum"},
    {GROVE_TUN_TSO4, "tso4"},
    {GROVE_TUN_TSO6, "tso6"},
    {GROVE_TUN_TSO_ECN, "tso-ecn"},
    {GROVE_TUN_USO, "uso"},
    {GROVE_TUN_TUNNEL, "tunnel"},
    {0, NULL},
};

static const struct bit protocol_bits[] = {
    {GROVE_TUN_TCP, "tcp"},
    {GROVE_TUN_UDP, "udp"},
    {GROVE_TUN_TUNNELS, "tunnels"},
    {0, NULL},
};

/* The plain counters: the same names in both forms. */
static const struct {
    const char *name;
    size_t offset;
    const char *words;
} counters[] = {
#define COUNTER(name, words)                                                   \
    {                                                                          \
#name, offsetof(struct grove_tun_stats, name), words                   \
    }
    COUNTER(reads, "successful reads"),
    COUNTER(split, "super-packets read, and split"),
    COUNTER(received, "packets received"),
    COUNTER(received_bytes, "bytes received"),
    COUNTER(skipped, "packets skipped: too long"),
    COUNTER(writes, "writes"),
    COUNTER(sent, "packets sent"),
    COUNTER(sent_bytes, "bytes written"),
    COUNTER(merged, "packets sent in super-packets"),
    COUNTER(refused, "packets that the kernel refused"),
    COUNTER(discarded, "packets discarded: device down"),
    COUNTER(fallbacks, "super-packets that the kernel refused"),
#undef COUNTER
};

#define COUNTERS (sizeof counters / sizeof counters[0])

/* grove_tun_dropped() or grove_tun_not_merged(). */
typedef uint64_t by_rule(const struct grove_tun *tun, enum grove_rule rule);

static uint64_t counter(const struct grove_tun_stats *stats, size_t i)
{
    return *(const uint64_t *)((const char *)stats + counters[i].offset);
}

static double packets_per_write(const struct grove_tun_stats *stats)
{
    return stats->writes > 0 ? (double)stats->sent / (double)stats->writes : 0;
}

void tun_offload_names(uint32_t offloads, char names[64])
{
    size_t len = 0;

    snprintf(names, 64, " none");
    for (const struct bit *bit = offload_bits; bit->name != NULL; bit++)
        if ((offloads & bit->mask) != 0)
            len += (size_t)snprintf(names + len, 64 - len, " %s", bit->name);
}

/* ---- for people --------------------------------------------------------- */

static void print_bits(uint32_t mask, const struct bit *bits)
{
    for (; bits->name != NULL; bits++)
        if ((mask & bits->mask) != 0)
            printf(" %s", bits->name);
}

static void print_up(const struct join *join)
{
    fputs("up:", stdout);
    for (int i = 0; i < 2; i++) {
        printf("%s %s (offloads:", i > 0 ? "," : "",
               grove_tun_name(join->tuns[i]));
        if (grove_tun_offloads(join->tuns[i]) == 0)
            fputs(" none", stdout);
        print_bits(grove_tun_offloads(join->tuns[i]), offload_bits);
        if (grove_tun_shared(join->tuns[i]))
            fputs("; another program has it open", stdout);
        putchar(')');
    }
    printf("; profile %s\n", join->profile);
}

/* Tunnels were asked for, and the device cannot carry super-packets in them. */
static void print_tunnels(const struct join *join)
{
    for (int i = 0; i < 2 && join->tunnels; i++)
        if ((grove_tun_coalescing(join->tuns[i]) & GROVE_TUN_TUNNELS) == 0)
            printf("%s: takes no super-packets in tunnels; what is in them is "
                   "sent as it is\n",
                   grove_tun_name(join->tuns[i]));
}

static void print_finding(const struct grove_tun_finding *finding)
{
    fputs("kernel:", stdout);
    print_bits(finding->offload, offload_bits);
    printf(": %s: %s", finding->packet,
           grove_tun_symptom_words(finding->symptom));
    if (finding->symptom == GROVE_TUN_SYMPTOM_REFUSED)
        printf(" (%s)", strerror(finding->number));
    else if (finding->symptom >= GROVE_TUN_SYMPTOM_HEADER)
        printf(" (segment %u, byte %u)", finding->segment + 1, finding->offset);
    else
        printf(" (%u of %u segments)", finding->seen, finding->expected);
    puts("; such packets are sent one by one");
}

static const char *cause_of(const struct grove_tun_error *error)
{
    return error->cause != GROVE_TUN_CAUSE_UNKNOWN
               ? grove_tun_cause_words(error->cause)
               : strerror(error->number);
}

static void print_probed(const struct tun_probed *probed)
{
    if (!probed->asked)
        return;
    if (!probed->good)
        printf("kernel: not probed: %s: %s; %s\n",
               grove_tun_step_words(probed->error.step),
               cause_of(&probed->error),
               grove_tun_remedy_words(probed->error.cause));
    for (size_t i = 0; probed->good && i < probed->kernel.finding_count; i++)
        print_finding(&probed->kernel.findings[i]);
}

static void print_row(const char *words, uint64_t left, uint64_t right)
{
    printf("  %-38s %16" PRIu64 " %16" PRIu64 "\n", words, left, right);
}

static void print_rules(const char *title, const struct join *join,
                        by_rule *count)
{
    bool titled = false;

    for (enum grove_rule rule = grove_rule_next(GROVE_RULE_NONE);
         rule != GROVE_RULE_NONE; rule = grove_rule_next(rule)) {
        const uint64_t left = count(join->tuns[0], rule);
        const uint64_t right = count(join->tuns[1], rule);

        if (left == 0 && right == 0)
            continue;
        if (!titled)
            puts(title);
        titled = true;
        printf("  %-38s %16" PRIu64 " %16" PRIu64 "  %s\n", grove_rule_id(rule),
               left, right, grove_rule_words(rule));
    }
}

static void print_end(const struct join *join,
                      const struct grove_tun_stats stats[2])
{
    printf("%-40s %16s %16s\n", "Statistics", grove_tun_name(join->tuns[0]),
           grove_tun_name(join->tuns[1]));
    for (size_t i = 0; i < COUNTERS; i++)
        print_row(counters[i].words, counter(&stats[0], i),
                  counter(&stats[1], i));
    printf("  %-38s %16.2f %16.2f\n", "packets per write",
           packets_per_write(&stats[0]), packets_per_write(&stats[1]));
    if (join->faults.drop > 0)
        print_row("received, and dropped for --drop", join->counts[0].dropped,
                  join->counts[1].dropped);
    if (join->faults.swap > 0)
        print_row("received, and swapped for --swap", join->counts[0].swapped,
                  join->counts[1].swapped);
    print_rules("Packets not merged, by rule", join, grove_tun_not_merged);
    print_rules("Reads dropped, by rule", join, grove_tun_dropped);
}

/* ---- for programs ------------------------------------------------------- */

static json_t *json_count(uint64_t count)
{
    return json_integer((json_int_t)count);
}

static json_t *json_bits(uint32_t mask, const struct bit *bits)
{
    json_t *list = json_array();

    for (; bits->name != NULL; bits++)
        if ((mask & bits->mask) != 0)
            json_array_append_new(list, json_string(bits->name));
    return list;
}

static json_t *json_device(const struct grove_tun *tun)
{
    struct grove_config layers = {0};

    grove_tun_layers(tun, &layers);
    return json_pack(
        "{s:o, s:s, s:i, s:i, s:i, s:b, s:o, s:o}", "name",
        json_text(grove_tun_name(tun)), "link",
        layers.link == GROVE_LINK_ETHERNET ? "ethernet" : "none", "vnet_len",
        (int)layers.vnet_len, "index", grove_tun_index(tun), "queues",
        (int)grove_tun_queues(tun), "shared", grove_tun_shared(tun), "offloads",
        json_bits(grove_tun_offloads(tun), offload_bits), "coalescing",
        json_bits(grove_tun_coalescing(tun), protocol_bits));
}

static json_t *json_by_rule(const struct grove_tun *tun, by_rule *count)
{
    json_t *object = json_object();

    for (enum grove_rule rule = grove_rule_next(GROVE_RULE_NONE);
         rule != GROVE_RULE_NONE; rule = grove_rule_next(rule))
        json_add_rule(object, rule, count(tun, rule));
    return object;
}

static json_t *json_statistics(const struct join *join, int i,
                               const struct grove_tun_stats *stats)
{
    json_t *object = json_device(join->tuns[i]);

    for (size_t j = 0; j < COUNTERS; j++)
        json_object_set_new(object, counters[j].name,
                            json_count(counter(stats, j)));
    json_object_set_new(object, "packets_per_write",
                        json_real(packets_per_write(stats)));
    json_object_set_new(object, "test_dropped",
                        json_count(join->counts[i].dropped));
    json_object_set_new(object, "test_swapped",
                        json_count(join->counts[i].swapped));
    json_object_set_new(object, "not_merged",
                        json_by_rule(join->tuns[i], grove_tun_not_merged));
    json_object_set_new(object, "dropped",
                        json_by_rule(join->tuns[i], grove_tun_dropped));
    return object;
}

static json_t *json_finding(const struct grove_tun_finding *finding)
{
    return json_pack("{s:o, s:s, s:s, s:i, s:i, s:i, s:i, s:i}", "offloads",
                     json_bits(finding->offload, offload_bits), "packet",
                     finding->packet, "symptom",
                     grove_tun_symptom_words(finding->symptom), "errno",
                     finding->number, "expected", (int)finding->expected,
                     "seen", (int)finding->seen, "segment",
                     (int)finding->segment, "offset", (int)finding->offset);
}

/* null: the kernel was not asked. */
static json_t *json_probed(const struct tun_probed *probed)
{
    const struct grove_tun_kernel *kernel = &probed->kernel;
    json_t *findings;

    if (!probed->asked)
        return json_null();
    if (!probed->good)
        return json_pack("{s:s, s:s}", "step",
                         grove_tun_step_words(probed->error.step), "error",
                         cause_of(&probed->error));
    findings = json_array();
    for (size_t i = 0; i < kernel->finding_count; i++)
        json_array_append_new(findings, json_finding(&kernel->findings[i]));
    return json_pack("{s:o, s:o, s:o, s:i, s:b, s:b, s:b, s:b}", "tried",
                     json_bits(kernel->tried, offload_bits), "wrong",
                     json_bits(kernel->wrong, offload_bits), "findings",
                     findings, "min_tcp_gso_size", kernel->min_tcp_gso_size,
                     "takes_uso", kernel->takes_uso, "checks_csum_start",
                     kernel->checks_csum_start, "dissects", kernel->dissects,
                     "takes_tunnels", kernel->takes_tunnels);
}

/* ---- either ------------------------------------------------------------- */

void tun_report_up(const struct join *join, const struct tun_probed *probed,
                   bool json)
{
    if (json) {
        print_json_line(json_pack(
            "{s:s, s:s, s:[o, o], s:o}", "type", "up", "profile", join->profile,
            "devices", json_device(join->tuns[0]), json_device(join->tuns[1]),
            "probe", json_probed(probed)));
    } else {
        print_up(join);
        print_tunnels(join);
        print_probed(probed);
    }
    fflush(stdout);
}

void tun_report_end(const struct join *join, bool json)
{
    struct grove_tun_stats stats[2];

    for (int i = 0; i < 2; i++)
        grove_tun_stats(join->tuns[i], &stats[i]);
    if (json)
        print_json_line(json_pack("{s:s, s:[o, o]}", "type", "statistics",
                                  "devices",
                                  json_statistics(join, 0, &stats[0]),
                                  json_statistics(join, 1, &stats[1])));
    else
        print_end(join, stats);
}
