/* SPDX-License-Identifier: MIT */
/* tun/redirect.c: each request has room for what is put into it. */
#define _GNU_SOURCE
#include "mnl_model.h"

#include "../tun/redirect.c"

static uint32_t requests;

/* By what tun-link-change proves of it. */
int tun_link_change(struct tun_link *link, union tun_request *request)
{
    (void)link;
    PROVE(request->header.nlmsg_len <= sizeof *request);
    PROVE(nested == 0);
    requests++;
    return (int)nondet_u16();
}

void proof_tun_redirect(void)
{
    struct tun_link link;
    const int error = tun_redirect(&link, (int)nondet_u32(), (int)nondet_u32());

    PROVE(requests == 2 || (requests == 1 && error != 0));
    REACHES(error == 0);
    REACHES(requests == 1);
}
