/* SPDX-License-Identifier: MIT */
/*
 * The mutator of JSON takes any bytes, stays in its room, gives the same for
 * the same seed, and makes of nothing what readers take: JSON, and in it a
 * vector and a question with a packet.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "dice.h"
#include "mutate.h"

enum { ROUNDS = 5000, ROOM = 2000, STEPS = 2000 };

static void stays_in_room(void **state)
{
    struct dice dice = {1};

    (void)state;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        const size_t room = 1 + pick(&dice, ROOM);
        const size_t size = pick(&dice, (uint32_t)room + 1);
        uint8_t *data = malloc(room);
        uint8_t *other = malloc(room);
        uint8_t *out = malloc(room);

        assert_true(data != NULL && other != NULL && out != NULL);
        for (size_t i = 0; i < size; i++)
            data[i] = other[i] = (uint8_t) "[]{}\",:0a\n"[pick(&dice, 10)];
        assert_true(mutate_cross(data, size, other, size, out, room, round) <=
                    room);
        assert_true(mutate(data, size, room, round) <= room);
        free(data);
        free(other);
        free(out);
    }
}

static void is_repeatable(void **state)
{
    uint8_t one[ROOM] = {0};
    uint8_t other[ROOM] = {0};
    size_t size = 0;

    (void)state;
    for (uint32_t round = 0; round < STEPS; round++) {
        const size_t again = mutate(other, size, ROOM, round);

        size = mutate(one, size, ROOM, round);
        assert_int_equal(size, again);
        assert_memory_equal(one, other, size);
    }
}

/* Whether all of it is JSON, with a member of this name in its first value. */
static bool has_member(const uint8_t *data, size_t size, const char *name)
{
    const char *text = (const char *)data;
    bool has = false;

    for (size_t at = 0; at < size;) {
        json_error_t error;
        json_t *value = json_loadb(
            text + at, size - at,
            JSON_DECODE_ANY | JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL, &error);

        assert_non_null(value);
        has = has || (at == 0 && json_object_get(value, name) != NULL);
        json_decref(value);
        at += (size_t)error.position;
    }
    return has;
}

static void makes_json(void **state)
{
    uint32_t vectors = 0;
    uint32_t questions = 0;

    (void)state;
    for (uint32_t round = 0; round < STEPS; round++) {
        uint8_t data[ROOM];
        const size_t size = mutate(data, 0, ROOM, round);

        vectors += has_member(data, size, "vectors");
        questions += has_member(data, size, "cmd");
    }
    assert_true(vectors > 0);
    assert_true(questions > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stays_in_room),
        cmocka_unit_test(is_repeatable),
        cmocka_unit_test(makes_json),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
