/* SPDX-License-Identifier: MIT */
/*
 * Targets: the table, grove_receive() to grove_clear(), in every mode and
 * profile.
 *
 * Asserts: every packet is in exactly one output or was rejected, and its fate
 * says so. Outputs keep the order of polls, and the order of each flow as far
 * as the mode promises it. A packet that leaves alone is unchanged. A
 * super-packet has the bytes that a separate model makes of its packets, which
 * may be merged; a splitter accepts it and gives back as many packets. Limits
 * of outputs and iovecs hold. The packets of a list follow one another, and may
 * be in one. The packets of an output have one hash. No input is changed, and
 * nothing outside of packets, headers and table is accessed. The model knows no
 * layers: with a link or with tunnels, a super-packet must end with the
 * payloads of its packets.
 *
 * Input: a batch (script.h).
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "check.h"
#include "feed.h"
#include "layout.h"
#include "target.h"

/* The input. */
static struct feed feed;

/* How many packets each rule has decided about, by rule. */
static uint64_t *decided;

/* GRO-KEY-006: with hashes, those of another hash are of another flow. */
static bool same_hash(uint32_t one, uint32_t other)
{
    return !feed.input.run.config.hash ||
           feed.packet[one].hash == feed.packet[other].hash;
}

/*
 * Its fate, and whom it is with. `listed`: it is behind the first packet of a
 * list. Returns the number of its last packet.
 */
static uint32_t check_members(const struct grove_output *output, bool listed,
                              uint32_t *times)
{
    uint32_t count = 0;
    uint32_t last = output->first;

    for (uint32_t i = output->first; i != GROVE_NO_PACKET;
         i = grove_next_packet(feed.table, i)) {
        const enum grove_verdict verdict = grove_fate_of(feed.table, i).verdict;
        const enum grove_verdict alone =
            output->rule == GROVE_RULE_NONE ? GROVE_PASSED : GROVE_HELD;

        CHECK(i < feed.packets, "there is no packet %u", i);
        CHECK(++times[i] == 1, "packet %u leaves twice", i);
        CHECK(i == output->first || i > last, "packet %u after %u", i, last);
        CHECK(verdict == (i == output->first && !listed ? alone : GROVE_MERGED),
              "packet %u, which left, was %s", i, grove_verdict_words(verdict));
        CHECK(feed.poll_of[i] == feed.poll_of[output->first],
              "packets %u and %u of two polls", output->first, i);
        CHECK(same_hash(output->first, i), "packets %u and %u of two hashes",
              output->first, i);
        last = i;
        count++;
    }
    CHECK(count == output->packets, "%u packets, told are %u", count,
          output->packets);
    return last;
}

/* The packets of a list are in order, and in one poll. */
static void check_list(const struct grove_output *output)
{
    CHECK(feed.input.run.config.fraglist, "a list without fraglist");
    for (uint32_t i = 1; i <= output->rest; i++)
        CHECK(output[i].first > output[i - 1].first &&
                  feed.poll_of[output[i].first] == feed.poll_of[output->first],
              "packet %u after %u in a list", output[i].first,
              output[i - 1].first);
    batch_check_list(output, feed.packet, feed.input.run.profile);
}

static void check_merged(const struct grove_output *output)
{
    const struct run *run = &feed.input.run;
    const uint8_t *bytes = batch_check_merged(output, feed.table, feed.packet,
                                              run->profile, &run->config);

    /* This kernel takes all super-packets but those that nobody splits. */
    if (output->len <= UINT16_MAX)
        batch_split("linux-6.18", &run->config, output, bytes);
}

static void check_output(const struct grove_output *output)
{
    const struct run *run = &feed.input.run;

    batch_check_bounds(output, &run->config);
    if (output->packets == 1)
        batch_check_single(output, &feed.packet[output->first], &run->config);
    else if (batch_has_layers(&run->config))
        batch_check_payloads(output, feed.table, feed.packet, &run->config);
    else
        check_merged(output);
}

/* Whether a packet may overtake others of its flow. */
static bool may_overtake(uint32_t number)
{
    const struct run_config *config = &feed.input.run.config;
    const struct grove_fate fate = grove_fate_of(feed.table, number);
    const struct grove_packet *packet = &feed.packet[number];

    if (config->lossless)
        return false;
    /* GRO-LIST-004: this one, or one that is flushed. */
    if (config->fraglist && fate.verdict == GROVE_PASSED &&
        layout_of(packet->data, packet->len).protocol == IPPROTO_UDP)
        return true;
    return batch_bypasses(fate.rule);
}

/* No packet overtakes one of its flow that came before. */
static void check_order(const struct grove_output *output, size_t count,
                        const uint32_t *last)
{
    const struct run_config *config = &feed.input.run.config;
    const bool lossless = config->lossless;

    for (size_t i = 1; i < count; i++)
        CHECK(feed.poll_of[output[i - 1].first] <=
                  feed.poll_of[output[i].first],
              "output %zu is of a later poll than the one after it", i - 1);
    for (size_t i = 0; i < count && !batch_has_layers(config); i++) {
        if (may_overtake(last[i]))
            continue;
        for (size_t j = i + 1; j < count; j++)
            CHECK(last[i] < output[j].first ||
                      !same_hash(last[i], output[j].first) ||
                      !batch_in_order(&feed.packet[last[i]],
                                      &feed.packet[output[j].first], lossless),
                  "packet %u overtakes packet %u", last[i], output[j].first);
    }
}

static void check_fates(const uint32_t *times)
{
    memset(decided, 0, grove_rule_limit() * sizeof *decided);
    for (uint32_t i = 0; i < feed.packets; i++) {
        const struct grove_fate fate = grove_fate_of(feed.table, i);

        CHECK(times[i] == (fate.verdict != GROVE_REJECTED),
              "packet %u, %s, is in %u outputs", i,
              grove_verdict_words(fate.verdict), times[i]);
        CHECK(fate.verdict != GROVE_MERGED || fate.rule == GROVE_RULE_NONE,
              "packet %u is merged in spite of %s", i,
              grove_rule_id(fate.rule));
        CHECK(
            (fate.verdict != GROVE_REJECTED && fate.verdict != GROVE_PASSED) ||
                fate.rule != GROVE_RULE_NONE,
            "packet %u is %s by no rule", i, grove_verdict_words(fate.verdict));
        decided[fate.rule]++;
    }
    for (enum grove_rule rule = grove_rule_next(GROVE_RULE_NONE);
         rule != GROVE_RULE_NONE; rule = grove_rule_next(rule))
        CHECK(grove_rule_count(feed.table, rule) >= decided[rule],
              "%s decided, and was not counted", grove_rule_id(rule));
}

static void check_outputs(void)
{
    static uint32_t last[INPUT_ENTRIES];
    uint32_t times[INPUT_ENTRIES] = {0};
    size_t count;
    const struct grove_output *output = grove_to_write(feed.table, &count);

    CHECK(count <= feed.packets, "%zu outputs of %u packets", count,
          feed.packets);
    for (size_t i = 0; i < count; i++) {
        const bool listed = i > 0 && output[i - 1].rest != 0;

        CHECK(output[i].rest < count - i, "%u outputs follow", output[i].rest);
        last[i] = check_members(&output[i], listed, times);
        check_output(&output[i]);
        if (output[i].rest != 0 && !listed)
            check_list(&output[i]);
    }
    check_order(output, count, last);
    check_fates(times);
}

void target_make(void)
{
    feed_make(&feed);
    decided = calloc(grove_rule_limit(), sizeof *decided);
    CHECK(decided != NULL, "no memory");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    feed_read(&feed, data, size);
    feed_table(&feed);
    check_outputs();
    feed_check_unmodified(&feed);
    CHECK(grove_clear(feed.table) == GROVE_OK, "the table cannot be cleared");
    CHECK(grove_received(feed.table) == 0, "packets are left after a clear");
    return 0;
}
