/* SPDX-License-Identifier: MIT */
/* The functions that report on the packets of a table. */
#include "grove/table.h"

#include "table.h"

enum grove_error grove_clear(struct grove_table *table)
{
    if (flows_oldest(&table->flows) != NULL)
        return GROVE_E_HELD;
    table->outputs.received = 0;
    table->outputs.count = 0;
    table->outputs.iovs = 0;
    return GROVE_OK;
}

const struct grove_output *grove_to_write(const struct grove_table *table,
                                          size_t *count)
{
    *count = table->outputs.count;
    return table->outputs.list;
}

uint32_t grove_next_packet(const struct grove_table *table, uint32_t number)
{
    if (number >= table->outputs.received)
        return GROVE_NO_PACKET;
    return table->outputs.records[number].next;
}

uint32_t grove_received(const struct grove_table *table)
{
    return table->outputs.received;
}

uint32_t grove_held(const struct grove_table *table)
{
    uint32_t packets = 0;

    for (const struct held *held = flows_oldest(&table->flows); held != NULL;
         held = flows_younger(held))
        packets += held->packets;
    return packets;
}

struct grove_fate grove_fate_of(const struct grove_table *table,
                                uint32_t number)
{
    const struct record *record;

    if (number >= table->outputs.received)
        return (struct grove_fate){GROVE_REJECTED, GROVE_RULE_NONE};
    record = &table->outputs.records[number];
    return (struct grove_fate){(enum grove_verdict)record->verdict,
                               (enum grove_rule)record->rule};
}

uint64_t grove_rule_count(const struct grove_table *table, enum grove_rule rule)
{
    return (unsigned)rule < RULE_LIMIT ? table->counts[rule] : 0;
}

const char *grove_verdict_words(enum grove_verdict verdict)
{
    switch (verdict) {
    case GROVE_HELD:
        return "held";
    case GROVE_MERGED:
        return "merged";
    case GROVE_PASSED:
        return "passed";
    case GROVE_REJECTED:
        return "rejected";
    }
    return "unknown verdict";
}
