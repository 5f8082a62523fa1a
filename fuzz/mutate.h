/* SPDX-License-Identifier: MIT */
/*
 * The mutator that knows packets, of no engine. It takes any bytes as an input
 * of the format of script.h and gives back one that is a step away from it:
 * packets split, merged, doubled, moved, taken out, put in, continued, given to
 * another flow, or with one field changed that a rule reads.
 *
 * It is to be mixed half and half with the engine's own, which knows nothing
 * and so leaves nothing out.
 */
#ifndef GROVE_FUZZ_MUTATE_H
#define GROVE_FUZZ_MUTATE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Changes the input of `size` bytes at `data`, where there is room for `room`.
 * Returns its new size. The same seed makes the same of the same.
 */
size_t mutate(uint8_t *data, size_t size, size_t room, uint32_t seed);

/*
 * Makes an input of two, in `out`, where there is room for `room` bytes.
 * Returns its size.
 */
size_t mutate_cross(const uint8_t *one, size_t one_size, const uint8_t *other,
                    size_t other_size, uint8_t *out, size_t room,
                    uint32_t seed);

#endif
