/* SPDX-License-Identifier: MIT */
/*
 * libmnl, as far as the TUN backend calls it: what it writes must have room,
 * and it reads what the caller says is there. A harness includes it instead of
 * linking libmnl.
 */
#ifndef GROVE_PROOF_MNL_MODEL_H
#define GROVE_PROOF_MNL_MODEL_H

#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <string.h>

#include "proof.h"

/* The most attributes in one place; all turns of a loop are alike. */
enum { ATTRIBUTES = 2 };

/* ---- Requests ---- */

struct nlmsghdr *mnl_nlmsg_put_header(void *buffer)
{
    struct nlmsghdr *const header = buffer;

    PROVE(__CPROVER_w_ok(buffer, MNL_NLMSG_HDRLEN));
    *header = (struct nlmsghdr){.nlmsg_len = MNL_NLMSG_HDRLEN};
    return header;
}

/* So many bytes at the end of the request. */
static void *put(struct nlmsghdr *header, size_t len)
{
    uint8_t *const end = (uint8_t *)header + MNL_ALIGN(header->nlmsg_len);

    PROVE(__CPROVER_w_ok(end, MNL_ALIGN(len)));
    header->nlmsg_len =
        (uint32_t)(MNL_ALIGN(header->nlmsg_len) + MNL_ALIGN(len));
    return end;
}

void *mnl_nlmsg_put_extra_header(struct nlmsghdr *header, size_t size)
{
    return memset(put(header, size), 0, size);
}

void mnl_attr_put(struct nlmsghdr *header, uint16_t type, size_t len,
                  const void *data)
{
    (void)type;
    PROVE(__CPROVER_r_ok(data, len));
    (void)put(header, MNL_ATTR_HDRLEN + len);
}

void mnl_attr_put_u32(struct nlmsghdr *header, uint16_t type, uint32_t value)
{
    mnl_attr_put(header, type, sizeof value, &value);
}

void mnl_attr_put_strz(struct nlmsghdr *header, uint16_t type, const char *text)
{
    mnl_attr_put(header, type, strlen(text) + 1, text);
}

void mnl_attr_put_u16(struct nlmsghdr *header, uint16_t type, uint16_t value)
{
    mnl_attr_put(header, type, sizeof value, &value);
}

/* How many attributes have begun that have not ended. */
static uint32_t nested;

struct nlattr *mnl_attr_nest_start(struct nlmsghdr *header, uint16_t type)
{
    (void)type;
    nested++;
    return put(header, MNL_ATTR_HDRLEN);
}

void mnl_attr_nest_end(struct nlmsghdr *header, struct nlattr *start)
{
    const uint8_t *const end = (uint8_t *)header + header->nlmsg_len;

    PROVE(nested != 0 && __CPROVER_w_ok(start, MNL_ATTR_HDRLEN));
    start->nla_len = (uint16_t)(end - (uint8_t *)start);
    nested--;
}

/* ---- Answers ---- */

bool mnl_nlmsg_ok(const struct nlmsghdr *header, int len)
{
    return len >= (int)sizeof *header && header->nlmsg_len >= sizeof *header &&
           (int)header->nlmsg_len <= len;
}

void *mnl_nlmsg_get_payload(const struct nlmsghdr *header)
{
    return (uint8_t *)header + MNL_NLMSG_HDRLEN;
}

size_t mnl_nlmsg_get_payload_len(const struct nlmsghdr *header)
{
    return header->nlmsg_len - MNL_NLMSG_HDRLEN;
}

uint16_t mnl_attr_get_type(const struct nlattr *attribute)
{
    return attribute->nla_type & NLA_TYPE_MASK;
}

static const uint8_t *value_of(const struct nlattr *attribute)
{
    return (const uint8_t *)attribute + MNL_ATTR_HDRLEN;
}

static uint32_t value_len(const struct nlattr *attribute)
{
    return (uint32_t)attribute->nla_len - MNL_ATTR_HDRLEN;
}

int mnl_attr_validate(const struct nlattr *attribute,
                      enum mnl_attr_data_type type)
{
    const uint32_t len = value_len(attribute);

    if (type == MNL_TYPE_U32)
        return len == 4 ? 0 : -1;
    if (type == MNL_TYPE_U8)
        return len == 1 ? 0 : -1;
    PROVE(type == MNL_TYPE_NUL_STRING);
    return len != 0 && value_of(attribute)[len - 1] == '\0' ? 0 : -1;
}

uint32_t mnl_attr_get_u32(const struct nlattr *attribute)
{
    PROVE(__CPROVER_r_ok(value_of(attribute), 4) && value_len(attribute) >= 4);
    return nondet_u32();
}

uint8_t mnl_attr_get_u8(const struct nlattr *attribute)
{
    PROVE(value_len(attribute) >= 1);
    return *value_of(attribute);
}

const char *mnl_attr_get_str(const struct nlattr *attribute)
{
    return (const char *)value_of(attribute);
}

/*
 * Calls for up to ATTRIBUTES attributes of no more bytes than these, each in
 * memory that ends with it.
 */
static void parse_any(uint32_t len, mnl_attr_cb_t call, void *data)
{
    for (int i = 0; i < ATTRIBUTES; i++) {
        const uint16_t all = nondet_u16();
        struct nlattr *attribute;

        if (nondet_bool())
            return;
        ASSUME(all >= MNL_ATTR_HDRLEN && all <= len);
        attribute = malloc(all);
        attribute->nla_len = all;
        if (call(attribute, data) <= MNL_CB_STOP)
            return;
    }
}

int mnl_attr_parse(const struct nlmsghdr *header, unsigned offset,
                   mnl_attr_cb_t call, void *data)
{
    const uint32_t from = (uint32_t)(MNL_NLMSG_HDRLEN + MNL_ALIGN(offset));

    PROVE(__CPROVER_r_ok(header, header->nlmsg_len));
    if (from <= header->nlmsg_len)
        parse_any(header->nlmsg_len - from, call, data);
    return MNL_CB_OK;
}

int mnl_attr_parse_nested(const struct nlattr *attribute, mnl_attr_cb_t call,
                          void *data)
{
    parse_any(value_len(attribute), call, data);
    return MNL_CB_OK;
}

#endif
