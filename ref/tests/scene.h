/* SPDX-License-Identifier: MIT */
/* Packets that may be predicted wrongly, for prediction_wrong(). */
#ifndef GROVE_TEST_SCENE_H
#define GROVE_TEST_SCENE_H

#include "../../tools/oracle/dice.h"
#include "prediction.h"

/*
 * Plays a scene: packets of a few flows that hardly differ, most of them the
 * next ones, the others changed in one way. The ways aim at what hides behind
 * hashes and sums: addresses, ports, wraps, and changes that keep checksums
 * right. Each packet is checked by prediction_wrong(), and then received.
 * Returns the first thing that is wrong, or NULL.
 */
const char *scene_play(predict_fn *predictor, struct dice *dice,
                       struct prediction_counts *counts);

#endif
