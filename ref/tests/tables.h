/* SPDX-License-Identifier: MIT */
/* Tables for tests, and what they say about packets. */
#ifndef GROVE_TEST_TABLES_H
#define GROVE_TEST_TABLES_H

#include <stddef.h>
#include <stdint.h>

#include "grove/table.h"
#include "packets.h"
#include "profile.h"

/* The profile of this name, which must exist; NULL: the newest. */
struct profile profile_named(const char *name);

/* All columns have the same values. */
void assert_same_profile(const struct profile *a, const struct profile *b);

/* A table; released by grove_table_free(). */
struct grove_table *table_of(const struct grove_config *config);

/* The table takes this packet. */
void receive_wire(struct grove_table *table, struct wire wire);
void receive(struct grove_table *table, struct fields fields);

/* The same, with a hash. */
void receive_hash(struct grove_table *table, struct fields fields,
                  uint32_t hash);

/* A UDP packet of flow `number`. */
struct fields flow(uint32_t number);

/* These are the numbers of the first packets of all outputs. */
void assert_order(const struct grove_table *table, const uint32_t *firsts,
                  size_t expected);

#define ASSERT_ORDER(table, ...)                                               \
    assert_order(table, (const uint32_t[]){__VA_ARGS__},                       \
                 sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))

/* Why output `number` left. */
enum grove_rule rule_of_output(const struct grove_table *table, size_t number);

void assert_fate(const struct grove_table *table, uint32_t number,
                 enum grove_verdict verdict, enum grove_rule rule);

#endif
