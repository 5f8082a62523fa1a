/* SPDX-License-Identifier: MIT */
/* table.c: what is asked about any valid table. */
#include "../table.c"

enum { MOST_FLOWS = 2, MOST_PACKETS = 3 };
#include "any_table.h"

/* Whatever number is asked for, and whatever rule. */
void proof_table_reports(void)
{
    struct grove_table table = any_table();
    const uint32_t number = nondet_u32();
    const enum grove_rule rule = (enum grove_rule)nondet_u32();
    const struct grove_fate fate = grove_fate_of(&table, number);
    size_t count;

    PROVE(grove_held(&table) <= grove_received(&table));
    PROVE(grove_to_write(&table, &count) == list &&
          count == table.outputs.count);
    PROVE(count + grove_held(&table) <= grove_received(&table));
    PROVE(number < grove_received(&table) ||
          (grove_next_packet(&table, number) == GROVE_NO_PACKET &&
           fate.verdict == GROVE_REJECTED));
    PROVE(rule_is_valid(rule) || grove_rule_count(&table, rule) == 0);
    PROVE(grove_verdict_words(fate.verdict) != NULL);
    REACHES(grove_held(&table) == 3);
    REACHES(number == UINT32_MAX);
    REACHES(grove_rule_count(&table, rule) == 7);
}

/* A table is cleared if and only if nothing is held. */
void proof_table_clear(void)
{
    struct grove_table table = any_table();
    const uint32_t held = grove_held(&table);
    const uint32_t received = grove_received(&table);
    const uint32_t count = table.outputs.count;
    const enum grove_error error = grove_clear(&table);

    PROVE((error == GROVE_OK) == (held == 0));
    PROVE(is_sound(&table));
    PROVE(error == GROVE_OK ||
          (grove_received(&table) == received && table.outputs.count == count));
    PROVE(error != GROVE_OK || grove_received(&table) == 0);
    REACHES(error == GROVE_OK && received == 3);
    REACHES(error == GROVE_E_HELD);
}
