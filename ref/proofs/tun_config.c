/* SPDX-License-Identifier: MIT */
/* tun/config.c: the checks of a configuration that a program gives. */
#define _GNU_SOURCE
#include "proof.h"

#include "../tun/config.c"

enum { MOST = 2, NAME_MOST = IFNAMSIZ + 2 };

/* C11, 7.24.5.2 and 7.24.5.3; CBMC has no model of these. */
char *strchr(const char *text, int byte)
{
    while (*text != (char)byte)
        if (*text++ == '\0')
            return NULL;
    return (char *)(uintptr_t)text;
}

size_t strcspn(const char *text, const char *bytes)
{
    size_t len = 0;

    while (text[len] != '\0' && strchr(bytes, text[len]) == NULL)
        len++;
    return len;
}

/* By what setup-config proves of it. */
size_t grove_table_size(const struct grove_config *config)
{
    PROVE(config->tunnel_count == 0 || config->tunnels != NULL);
    return nondet_u32();
}

void proof_tun_config(void)
{
    char name[NAME_MOST];
    int fds[MOST];
    struct grove_tun_address addresses[MOST];
    struct grove_tunnel tunnels[MOST];
    struct grove_tun_config config;
    const uid_t owner = nondet_u32();
    const gid_t group = nondet_u32();

    name[NAME_MOST - 1] = '\0';
    ASSUME(config.fd_count <= MOST && config.address_count <= MOST &&
           config.tunnel_count <= MOST);
    config.name = nondet_bool() ? name : NULL;
    config.fds = nondet_bool() ? fds : NULL;
    config.addresses = nondet_bool() ? addresses : NULL;
    config.tunnels = nondet_bool() ? tunnels : NULL;
    config.owner = nondet_bool() ? &owner : NULL;
    config.group = nondet_bool() ? &group : NULL;
    const enum grove_tun_cause cause = tun_config_check(&config);

    if (cause == GROVE_TUN_CAUSE_UNKNOWN) {
        PROVE(tun_config_queues(&config) >= 1);
        PROVE(tun_config_queues(&config) <= GROVE_TUN_MAX_QUEUES);
        PROVE(config.name == NULL || strlen(name) < IFNAMSIZ);
        PROVE(config.tunnel_count == 0 || config.tap);
    }
    REACHES(cause == GROVE_TUN_CAUSE_UNKNOWN && config.fds != NULL &&
            config.tunnel_count == MOST);
    REACHES(cause == GROVE_TUN_CAUSE_UNKNOWN && config.address_count == MOST);
    REACHES(cause == GROVE_TUN_CAUSE_NAME_LENGTH);
    REACHES(cause == GROVE_TUN_CAUSE_FDS && config.fd_count == MOST);
}
