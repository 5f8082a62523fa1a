/* SPDX-License-Identifier: MIT */
/* The mutator in libFuzzer and engines like it. */
#include "dice.h"
#include "mutate.h"

/* Not of every engine. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t room)
    __attribute__((weak));
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room,
                               unsigned int seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *one, size_t one_size,
                                 const uint8_t *other, size_t other_size,
                                 uint8_t *out, size_t room, unsigned int seed);

/* Half and half: libFuzzer leaves its own mutations to this. */
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
