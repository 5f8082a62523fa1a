/* SPDX-License-Identifier: MIT */
/*
 * answers PROFILE BATCHES: what `grove accumulate` writes, for a system that
 * lacks what the command needs.
 */
#include <stdlib.h>

#include "accumulate.h"

int main(int argc, char **argv)
{
    struct implementation reference;
    struct arena arena = {0};
    struct answer answer = {0};
    struct run run;

    if (argc != 3)
        return 2;
    reference_open(&reference);
    for (uint64_t i = 0; i < strtoull(argv[2], NULL, 10); i++) {
        arena_reset(&arena);
        accumulate_batch(RUN_GRO, i, &arena, &run);
        run.profile = argv[1];
        reference.ask(reference.self, &run, &answer);
        accumulate_answer(stdout, &run, &answer);
    }
    answer_free(&answer);
    arena_free(&arena);
    implementation_close(&reference);
    return ferror(stdout) ? 1 : 0;
}
