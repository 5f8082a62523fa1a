/* SPDX-License-Identifier: MIT */
/* The mutator for libFuzzer and similar engines. */
#include "dice.h"
#include "mutate.h"

/* Not every engine has this function. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t room)
    __attribute__((weak));
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room,
                               unsigned int seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *one, size_t one_size,
                                 const uint8_t *other, size_t other_size,
                                 uint8_t *out, size_t room, unsigned int seed);

/* libFuzzer calls only this, so half of the calls use its own mutations. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room,
                               unsigned int seed)
{
    struct dice dice = {seed};

    if (LLVMFuzzerMutate != NULL && one_in(&dice, 2))
        return LLVMFuzzerMutate(data, size, room);
    return mutate(data, size, room, seed);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *one, size_t one_size,
                                 const uint8_t *other, size_t other_size,
                                 uint8_t *out, size_t room, unsigned int seed)
{
    return mutate_cross(one, one_size, other, other_size, out, room, seed);
}
