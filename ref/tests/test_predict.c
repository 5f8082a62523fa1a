/* SPDX-License-Identifier: MIT */
/*
 * Header prediction: what it accepts, the stages would merge, and the
 * super-packet would stay. Faulty predictions show that the test can fail.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "predict.h"
#include "scene.h"

enum { SCENES = 20000 };

/* Plays scenes until one is wrong; what is, or NULL. */
static const char *play(predict_fn *predictor, struct prediction_counts *counts)
{
    struct dice dice = {1};
    const char *wrong = NULL;

    for (uint32_t i = 0; wrong == NULL && i < SCENES; i++)
        wrong = scene_play(predictor, &dice, counts);
    return wrong;
}

static void scenes(void **state)
{
    struct prediction_counts counts = {.others = 0};
    const char *wrong = play(NULL, &counts);

    (void)state;
    if (wrong != NULL)
        fail_msg("%s", wrong);
    for (uint32_t layers = 0; layers < LAYERS_COUNT; layers++)
        for (uint32_t ip6 = 0; ip6 < 2; ip6++)
            for (uint32_t udp = 0; udp < 2; udp++)
                assert_true(counts.predicted[layers][ip6][udp] > SCENES / 50);
    assert_true(counts.others > SCENES);
}

/* Control: it predicts nothing. */
static struct held *timid(const struct policy *policy,
                          const struct flows *flows,
                          const struct grove_packet *given, uint32_t *hash)
{
    predict(policy, flows, given, hash);
    return NULL;
}

/* Control: it looks at the length alone if it has no prediction. */
static struct held *bold(const struct policy *policy, const struct flows *flows,
                         const struct grove_packet *given, uint32_t *hash)
{
    struct held *held = predict(policy, flows, given, hash);

    if (held == NULL && flows->recent != NULL &&
        flows->recent->first.input.bytes.len == given->len)
        held = flows->recent;
    return held;
}

/* Control: its hashes are wrong. */
static struct held *confused(const struct policy *policy,
                             const struct flows *flows,
                             const struct grove_packet *given, uint32_t *hash)
{
    struct held *held = predict(policy, flows, given, hash);

    if (*hash != 0)
        *hash ^= 1;
    return held;
}

static void faulty_predictions(void **state)
{
    struct prediction_counts counts = {.others = 0};

    (void)state;
    assert_non_null(play(timid, &counts));
    assert_non_null(play(bold, &counts));
    assert_non_null(play(confused, &counts));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(scenes),
        cmocka_unit_test(faulty_predictions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
