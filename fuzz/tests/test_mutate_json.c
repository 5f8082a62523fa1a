/* SPDX-License-Identifier: MIT */
/*
 * Without a corpus the mutator of JSON makes inputs that the readers accept:
 * JSON with a vector, and a question with a packet.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "mutate.h"
#include "mutator_cases.h"

enum { ROOM = 2000, STEPS = 2000 };

/* True if all of it is JSON and its first value has a member of this name. */
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
        cmocka_unit_test_prestate(stays_in_room, "[]{}\",:0a\n"),
        cmocka_unit_test(is_repeatable),
        cmocka_unit_test(makes_json),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
