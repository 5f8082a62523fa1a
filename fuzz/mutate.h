/* SPDX-License-Identifier: MIT */
/*
 * The mutator that knows packets, for any engine. It reads any bytes as an
 * input in the format of script.h and changes it by one step: packets are
 * split, merged, duplicated, moved, removed, inserted, continued or moved to
 * another flow, or a field changes that a rule reads.
 *
 * Half of the mutations should be the engine's own, which know no format and so
 * can make every input.
 */
#ifndef GROVE_FUZZ_MUTATE_H
#define GROVE_FUZZ_MUTATE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Changes the input of `size` bytes at `data`, which has room for `room` bytes.
 * Returns the new size. The same input and seed give the same result.
 */
size_t mutate(uint8_t *data, size_t size, size_t room, uint32_t seed);

/*
 * Makes an input from two others, in `out`, which has room for `room` bytes.
 * Returns its size.
 */
size_t mutate_cross(const uint8_t *one, size_t one_size, const uint8_t *other,
                    size_t other_size, uint8_t *out, size_t room,
                    uint32_t seed);

#endif
