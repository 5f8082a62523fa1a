/* SPDX-License-Identifier: MIT */
/* tun/cause.c: any step and errno has a cause, and any cause has words. */
#define _GNU_SOURCE
#include "proof.h"

#include "../tun/cause.c"
#include "../tun/opening.c"

enum { ADDRESSES = 2 };

static int opened;

static int any_open(const char *path, int flags)
{
    PROVE(__CPROVER_r_ok(path, 1) && (flags & O_PATH) != 0);
    if (nondet_bool())
        return -1;
    opened++;
    return (int)nondet_u16();
}

static int any_close(int fd)
{
    PROVE(fd >= 0 && opened == 1);
    opened--;
    return 0;
}

static int any_fstatvfs(int fd, struct statvfs *status)
{
    struct statvfs any;

    PROVE(fd >= 0 && opened == 1);
    *status = any;
    return nondet_bool() ? -1 : 0;
}

int tun_link_find(struct tun_link *link, const char *name,
                  struct tun_link_state *state)
{
    struct tun_link_state any;

    PROVE(link->fd >= 0 && __CPROVER_r_ok(name, 1));
    *state = any;
    return (int)nondet_u16();
}

/* Any part has failed, by any errno. */
void proof_tun_cause(void)
{
    static const struct tun_system any_system = {
        .open = any_open, .close = any_close, .fstatvfs = any_fstatvfs};
    static struct grove_tun_address addresses[ADDRESSES];
    struct grove_tun_config config;
    struct grove_tun *const tun = malloc(sizeof *tun);
    struct tun_opening opening;

    __CPROVER_havoc_object(addresses);
    config.name = nondet_bool() ? "tun%d" : NULL;
    config.addresses = addresses;
    opening.system = &any_system;
    opening.config = &config;
    opening.tun = tun;
    ASSUME(tun->link.fd >= 0);
    ASSUME(opening.error.step != GROVE_TUN_STEP_ADDRESS ||
           opening.error.index < ADDRESSES);
    ASSUME((unsigned)opening.error.cause <= GROVE_TUN_CAUSE_REDIRECT);
    const enum grove_tun_cause before = opening.error.cause;
    const struct grove_tun_error *const error = &opening.error;

    tun_find_cause(&opening);
    PROVE((unsigned)error->cause <= GROVE_TUN_CAUSE_REDIRECT && opened == 0);
    PROVE(before == GROVE_TUN_CAUSE_UNKNOWN || error->cause == before);
    REACHES(error->cause == GROVE_TUN_CAUSE_NODE_MOUNT);
    REACHES(error->cause == GROVE_TUN_CAUSE_SINGLE_QUEUE && config.tap);
    REACHES(error->cause == GROVE_TUN_CAUSE_IP6_MTU && error->index == 1);
    REACHES(error->cause == GROVE_TUN_CAUSE_REDIRECT);
}

void proof_tun_cause_words(void)
{
    const enum grove_tun_cause cause = (enum grove_tun_cause)nondet_u32();
    const char *const words_of_it = grove_tun_cause_words(cause);
    const char *const remedy = grove_tun_remedy_words(cause);

    PROVE(__CPROVER_r_ok(words_of_it, 2) && words_of_it[0] != '\0');
    PROVE(__CPROVER_r_ok(remedy, 2) && remedy[0] != '\0');
    REACHES(cause == (enum grove_tun_cause)1000);
    REACHES(grove_tun_cause_is_rights(cause));
}
