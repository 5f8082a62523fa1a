/* SPDX-License-Identifier: MIT */
/*
 * tun/system.c: memory is aligned and zero, or there is none; a thread is
 * joined if it was made.
 */
#define _GNU_SOURCE
#include "proof.h"

#include "../tun/system.c"

enum { SIZE_MOST = 4 };

/* As posix_memalign(3). */
int posix_memalign(void **memory, size_t alignment, size_t size)
{
    PROVE(alignment == CACHE_LINE);
    if (nondet_bool())
        return 12;
    *memory = malloc(size);
    return 0;
}

static bool is_made;
static bool is_joined;

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                   void *(*run)(void *), void *argument)
{
    const int error = (int)nondet_u16();

    PROVE(attributes == NULL && run != NULL);
    is_made = error == 0;
    if (is_made) {
        *thread = 1;
        run(argument);
    }
    return error;
}

int pthread_join(pthread_t thread, void **result)
{
    PROVE(is_made && !is_joined && thread == 1 && result == NULL);
    is_joined = true;
    return 0;
}

/* The signals of the calling thread: what was blocked before is so again. */
static bool is_blocked;

int sigfillset(sigset_t *set)
{
    PROVE(__CPROVER_w_ok(set, sizeof *set));
    return 0;
}

int pthread_sigmask(int how, const sigset_t *set, sigset_t *before)
{
    PROVE(how == SIG_SETMASK && __CPROVER_r_ok(set, sizeof *set));
    PROVE((before != NULL) == !is_blocked);
    is_blocked = !is_blocked;
    return 0;
}

static bool has_run;

static void *run_it(void *argument)
{
    PROVE(argument == &has_run && is_blocked);
    has_run = true;
    return NULL;
}

void proof_tun_thread(void)
{
    const int error = tun_system_linux.run_in_thread(run_it, &has_run);

    PROVE(has_run == (error == 0) && is_joined == has_run && !is_blocked);
    REACHES(error == 0);
    REACHES(error == 11);
}

void proof_tun_allocate(void)
{
    const uint32_t size = nondet_u32();
    const uint32_t any = nondet_u32();

    ASSUME(size <= SIZE_MOST && any < size);
    const uint8_t *const memory = tun_system_linux.allocate(size);

    PROVE(memory == NULL || memory[any] == 0);
    REACHES(memory == NULL);
    REACHES(memory != NULL && size == SIZE_MOST);
}
