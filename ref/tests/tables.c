/* SPDX-License-Identifier: MIT */
#include "tables.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct profile profile_named(const char *name)
{
    struct profile profile;

    assert_int_equal(profile_find(name, &profile), GROVE_OK);
    return profile;
}

void assert_same_profile(const struct profile *a, const struct profile *b)
{
#define GROVE_COLUMN(type, name, known, rules, words)                          \
    assert_int_equal(a->name, b->name);
#include "profile.def"
}

struct grove_table *table_of(const struct grove_config *config)
{
    struct grove_table *table;

    assert_int_equal(grove_table_new(config, &table), GROVE_OK);
    return table;
}

void receive_wire(struct grove_table *table, struct wire wire)
{
    const struct grove_packet input = wire_input(wire);

    assert_int_equal(grove_receive(table, &input), GROVE_OK);
}

void receive(struct grove_table *table, struct fields fields)
{
    receive_wire(table, wire_of(&fields));
}

void receive_hash(struct grove_table *table, struct fields fields,
                  uint32_t hash)
{
    struct grove_packet input = wire_input(wire_of(&fields));

    input.hash = hash;
    assert_int_equal(grove_receive(table, &input), GROVE_OK);
}

/* A flow by its number. */
struct fields flow(uint32_t number)
{
    struct fields fields = fields_of(number % 2 ? 6 : 4, UDP);

    fields.source_port = (uint16_t)number;
    return fields;
}

/* The first packets of all outputs. */
void assert_order(const struct grove_table *table, const uint32_t *firsts,
                  size_t expected)
{
    size_t count;
    const struct grove_output *outputs = grove_to_write(table, &count);

    assert_int_equal(count, expected);
    for (size_t i = 0; i < expected; i++)
        assert_int_equal(outputs[i].first, firsts[i]);
}

enum grove_rule rule_of_output(const struct grove_table *table, size_t number)
{
    size_t count;
    const struct grove_output *outputs = grove_to_write(table, &count);

    assert_true(number < count);
    return outputs[number].rule;
}

void assert_fate(const struct grove_table *table, uint32_t number,
                 enum grove_verdict verdict, enum grove_rule rule)
{
    const struct grove_fate fate = grove_fate_of(table, number);

    assert_string_equal(grove_verdict_words(fate.verdict),
                        grove_verdict_words(verdict));
    assert_int_equal(fate.rule, rule);
}
