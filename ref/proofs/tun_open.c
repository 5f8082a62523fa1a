/* SPDX-License-Identifier: MIT */
/*
 * tun/open.c: however far a device is opened, all that was opened is closed if
 * a part fails, and what the caller gave stays open.
 */
#define _GNU_SOURCE
#include "proof.h"

/* Pieces of memory that are held. */
static int held;

static void *any_allocate(size_t size);
static void release_memory(void *memory);

#define free release_memory
#include "../tun/open.c"
#include "../tun/opening.c"
#undef free

enum { QUEUES = 2, ADDRESSES = 2, TUNNELS = 2, SPLITTER = 64 };

/* Where a device lies. */
static struct {
    struct grove_tun tun;
    struct grove_tun_queue queues[QUEUES];
} device;

/* Whether a device is made; else something before it fails. */
static bool is_made;

static void *any_allocate(size_t size)
{
    void *memory;

    PROVE(size != 0);
    if (size == sizeof device) {
        held += is_made;
        return is_made ? &device : NULL;
    }
    memory = nondet_bool() ? calloc(1, size) : NULL;
    held += memory != NULL;
    return memory;
}

static void release_memory(void *memory)
{
    if (memory == NULL)
        return;
    held--;
    if (memory != &device)
        free(memory);
}

/* Descriptors that are open. */
static int opened;

static int any_close(int fd)
{
    PROVE(fd >= 0 && opened > 0);
    opened--;
    return 0;
}

static const struct tun_system any_system = {.allocate = any_allocate,
                                             .close = any_close};
static struct grove_tun_config config;

/* ---- The parts of other files, by what their proofs say ---- */

enum grove_tun_cause tun_config_check(const struct grove_tun_config *asked)
{
    PROVE(asked == &config);
    return !is_made && nondet_bool() ? GROVE_TUN_CAUSE_NAME
                                     : GROVE_TUN_CAUSE_UNKNOWN;
}

size_t tun_config_queues(const struct grove_tun_config *asked)
{
    PROVE(asked == &config);
    return QUEUES;
}

static bool any_part(struct tun_opening *opening)
{
    PROVE(opening->tun != NULL && opening->tun->queue_count == QUEUES);
    return nondet_bool() || tun_fail(opening, GROVE_TUN_STEP_LINK, 0, EPERM);
}

bool tun_adopt(struct tun_opening *opening)
{
    for (uint32_t i = 0; i < QUEUES; i++)
        if (config.fds != NULL && nondet_bool())
            opening->tun->queues[i].fd = config.fds[i];
    return any_part(opening);
}

bool tun_open_nodes(struct tun_opening *opening)
{
    opening->tun->link.fd = nondet_bool() ? 7 : -1;
    opened += opening->tun->link.fd >= 0;
    for (uint32_t i = 0; i < QUEUES; i++)
        if (config.fds == NULL && nondet_bool()) {
            opening->tun->queues[i].fd = nondet_u16();
            opened++;
        }
    return any_part(opening);
}

#define ANY_PART(name)                                                         \
    bool name(struct tun_opening *opening)                                     \
    {                                                                          \
        return any_part(opening);                                              \
    }

ANY_PART(tun_attach)
ANY_PART(tun_look_up)
ANY_PART(tun_raise_mtu)
ANY_PART(tun_add_addresses)
ANY_PART(tun_set_owner)
ANY_PART(tun_set_group)
ANY_PART(tun_lower_mtu)
ANY_PART(tun_set_state)
ANY_PART(tun_set_header)
ANY_PART(tun_set_offload)
ANY_PART(tun_set_blocking)
ANY_PART(tun_set_persist)
ANY_PART(tun_await_addresses)

void tun_link_close(struct tun_link *link)
{
    opened -= link->fd >= 0;
    link->fd = -1;
}

void tun_put_back(struct grove_tun *tun)
{
    PROVE(__CPROVER_r_ok(&tun->queues[0], sizeof tun->queues[0]));
}

void tun_undo(struct tun_opening *opening)
{
    tun_put_back(opening->tun);
    PROVE(opening->added == NULL ||
          __CPROVER_r_ok(opening->added, config.address_count));
}

void tun_find_cause(struct tun_opening *opening)
{
    PROVE(opening->error.step != GROVE_TUN_STEP_NONE);
}

void tun_profile_of_reads(const struct tun_system *system,
                          const struct grove_tun_kernel *kernel, char *name)
{
    (void)system;
    (void)kernel;
    PROVE(__CPROVER_w_ok(name, GROVE_PROFILE_NAME_SIZE));
}

enum grove_error grove_profile_values(const char *name,
                                      struct grove_profile *profile)
{
    PROVE(name == config.profile && profile != NULL);
    return !is_made && nondet_bool() ? GROVE_E_CONFIG_PROFILE : GROVE_OK;
}

size_t grove_split_size(void)
{
    return SPLITTER;
}

enum grove_error grove_split_init(void *memory, size_t size,
                                  const struct grove_split_config *asked,
                                  struct grove_split **split)
{
    PROVE(size == SPLITTER && __CPROVER_w_ok(memory, size));
    PROVE(__CPROVER_r_ok(asked->profile, 1));
    *split = memory;
    return GROVE_OK;
}

/* ---- A device ---- */

static void make_config(void)
{
    static const int fds[QUEUES] = {3, 4};
    static const struct grove_tunnel tunnels[TUNNELS];
    struct grove_tun_config any;

    ASSUME(any.address_count <= ADDRESSES && any.tunnel_count <= TUNNELS);
    config = any;
    config.fds = nondet_bool() ? fds : NULL;
    config.tunnels = tunnels;
    config.profile = nondet_bool() ? "linux-6.18" : NULL;
    opened = config.fds != NULL ? QUEUES : 0;
}

void proof_tun_open(void)
{
    struct grove_tun *tun;
    struct grove_tun_error error;
    bool done;

    make_config();
    const int before = opened;

    is_made = true;
    done = tun_open(&any_system, &config, &tun, &error);
    PROVE(done == (tun != NULL));
    PROVE(done == (error.step == GROVE_TUN_STEP_NONE));
    PROVE(done || (held == 0 && opened == before));
    PROVE(!done || held == 1 + 3 * QUEUES);
    REACHES(done && config.fds != NULL && config.address_count == ADDRESSES);
    REACHES(done && config.profile == NULL && opened == QUEUES + 1);
    REACHES(error.step == GROVE_TUN_STEP_MEMORY);
    REACHES(error.step == GROVE_TUN_STEP_LINK && config.fds != NULL);
}

/* Something fails before there is a device. */
void proof_tun_open_early(void)
{
    struct grove_tun *tun;
    struct grove_tun_error error;

    make_config();
    PROVE(!tun_open(&any_system, &config, &tun, &error));
    PROVE(tun == NULL && held == 0);
    REACHES(error.step == GROVE_TUN_STEP_CONFIG);
    REACHES(error.step == GROVE_TUN_STEP_PROFILE);
    REACHES(error.step == GROVE_TUN_STEP_MEMORY && error.number == ENOMEM);
}

/* An open device is closed; none is, too. */
void proof_tun_close(void)
{
    struct grove_tun *const tun = &device.tun;

    grove_tun_close(NULL);
    tun->system = &any_system;
    tun->queue_count = QUEUES;
    tun->link.fd = nondet_bool() ? 7 : -1;
    opened = QUEUES + (tun->link.fd >= 0);
    held = 1;
    for (uint32_t i = 0; i < QUEUES; i++) {
        device.queues[i].fd = nondet_u16();
        device.queues[i].reader.buffer = any_allocate(1);
        device.queues[i].reader.split = any_allocate(1);
        device.queues[i].writer.buffer = any_allocate(1);
    }
    REACHES(held == 1 + 3 * QUEUES && opened == QUEUES + 1);
    grove_tun_close(tun);
    PROVE(held == 0 && opened == 0);
}

void proof_tun_steps(void)
{
    const enum grove_tun_step step = (enum grove_tun_step)nondet_u32();
    const char *const words = grove_tun_step_words(step);

    PROVE(__CPROVER_r_ok(words, 2) && words[0] != '\0');
    REACHES(step == (enum grove_tun_step)1000);
}
